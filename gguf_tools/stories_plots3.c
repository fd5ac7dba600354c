/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Plots about work and care: an errand, a sick friend, a skill, a job. The notation is explained
 * in stories.h, the letters of the frame in stories_frame.c.
 */

#include "stories_grammar.h"

const struct story_rule story_plots3[] = {
    /* Three things to buy, one is forgotten. */
    {"market", "", "<market.send> <market.stop> <market.forget> <market.know> <market.end>"},
    {"market.send", "",
     "<one> $h3 [m=elder]$m ~send $h to the market. *Please buy [i=errand]$i, [j=errand2]$j and "
     "[l=errand3]$l,* $m1 ~say.|<one> $h ~take a basket and ~go to the shop for $h3 [m=elder]$m. "
     "^$h1 ~have to buy [i=errand]$i, [j=errand2]$j and [l=errand3]$l."},
    {"market.stop", "",
     "On the way, $h ~sing, *^$i, $j and $l!* Then $h1 ~meet a_ [a=small]$a, and they ~~talk for a "
     "long time.|^$h ~say the words again and again. But then $h1 ~stop to watch the [n=worker]$n "
     "[E=chore]$E.|Halfway there, $h ~stop to play [J=game]$J with a_ [a=small]$a."},
    {"market.forget", "",
     "At the shop, $h ~remember the $i and the $j, but not the third thing.|*I want $i, $j and...* "
     "~say $h. What ~be the third thing?|^$h ~buy $i and $j. But something ~be missing."},
    {"market.know", "",
     "^$h1 ~scratch $h3 head and ~think hard. *^$l!* $h1 ~shout at last.|*Was it [x=other]$x?* "
     "~ask "
     "the [z=worker]$z. *No,* ~say $h. *It was $l!*|Then $h1 ~see a woman with $l in a bag, and at "
     "once $h1 ~know it again."},
    {"market.end", "",
     "At home, $h3 $m ~open the basket. *^$i, $j and $l. You forgot nothing!*|*Well done,* ~say "
     "$h3 "
     "$m, and ~give $h2 a_ [b=food]$b.|^$h ~carry home the $i, the $j and the $l, and $h3 $m ~be "
     "[C=happy]$C."},

    /* Care is given and comes back. */
    {"sick", "", "<pal><sick.hear> <sick.bed> <sick.bring> <sick.well> <sick.end>"},
    {"sick.hear", "",
     "<one> $h ~want to play [o=game]$o with $h3 $r $g, but $f ~have [x=ill]$x.|<one> $h ~wait for "
     "$h3 $r $g [p=place]$p1 $p, but $f ~do not come. ^$f ~have [x=ill]$x."},
    {"sick.bed", "",
     "*You must stay in bed,* ~say the doctor. ^$f ~be [B=sad]$B.|*It is so boring in bed,* ~say "
     "$f "
     "<lysad>.|The doctor ~come with a big black bag. *Rest for [N=number]$N days,* ~say the "
     "doctor."},
    {"sick.bring", "",
     "So $h ~bring $f [c=cure]$c and [d=cure2]$d.|^$h ~visit $f with [c=cure]$c and ~read a story "
     "about a_ [e=monster]$e.|*I know what you need,* ~say $h, and ~come back with [c=cure]$c."},
    {"sick.well", "",
     "Slowly, $f ~get better, and soon they ~~play [P=place]$P1 $P again.|After [M=number]$M days, "
     "$f "
     "~jump out of bed. *[A=wow]$A!* ~shout $f.|^$f ~laugh, and that ~be the best medicine of "
     "all."},
    {"sick.end", "",
     "A {week|month} later, $h ~have $x too. And who ~come with $c? It ~be $f!|*You made me well,* "
     "~say $f. *It was only $c,* ~say $h. ^$f ~shake $f3 head. *It was you.*|When $h ~be "
     "ill in [S=season]$S, $f ~bring $c and "
     "~say, *Now it is my turn.*"},

    /* A skill needs practice. */
    {"learn", "", "<learn.want> <learn.fail> <learn.help> <learn.work> <learn.end>"},
    {"learn.want", "",
     "<one> $h ~go to the [x=skill]$x1 and ~see a_ [a=small]$a $x. *I want to $x $x2 too,* ~say "
     "$h.|<one> $h ~want to learn to [x=skill]$x $x2. So $h1 ~go to the $x1."},
    {"learn.fail", "",
     "But the first time, $h ~fall and ~hurt $h3 [K=limb]$K.|It ~look easy, but it ~be not. After "
     "[N=number]$N tries, $h ~be [B=sad]$B.|*[B=ohno]$B!* ~cry $h, and ~land on $h3 [K=limb]$K. "
     "Everyone ~laugh."},
    {"learn.help", "",
     "*Nobody can $x on the first day,* ~say $h3 [m=elder]$m <ly>. *You need practice.*|The "
     "[m=worker]$m ~show $h2 how to begin. *First stand still and breathe,* ~say the $m.|<pal>^$h3 "
     "$r $g ~do not laugh. *I fell a hundred times,* ~say $f <ly>. *Try it with me.*"},
    {"learn.work", "",
     "So $h ~practise every {day|morning|evening} for [M=number]$M weeks.|Every [M=weekday]$M, $h "
     "~go "
     "back to the $x1 and ~try again.|All through [M=season]$M, $h ~practise and ~do not give up."},
    {"learn.end", "",
     "And then, one fine day, $h ~can $x $x2!|*Look at me!* ~shout $h {at last|one day}. Now $h1 "
     "~can "
     "$x $x2, and even the [z=worker]$z ~clap.|In the end, $h ~can $x better than anyone. *How do "
     "you "
     "do it?* ~ask the [z=worker]$z. *I fell and got up again,* ~say $h."},

    /* A wish is earned by work. */
    {"job", "", "<job.wish> <job.offer> <job.work> <job.tired> <job.end>"},
    {"job.wish", "",
     "<one> $h ~see a_ [c=look]$c [o=toy]$o in the house of the [n=worker]$n. ^$h1 ~want it very "
     "much,"
     " but it ~cost [N=number]$N coins.|<one> the [n=worker]$n ~show $h a_ [c=look]$c [o=toy]$o. "
     "*It "
     "costs [N=number]$N coins,* ~say the $n. ^$h ~have only one."},
    {"job.offer", "",
     "*Help me for a day,* ~say the $n <ly>. *Then the $o is yours.*|*Can I work for it?* ~ask $h. "
     "The "
     "$n ~nod.|*I have no money, but I have two hands,* ~say $h."},
    {"job.work", "",
     "So $h ~begin to [x=chore]$x. Then $h1 ~have to [y=chore2]$y.|All {morning|day}, $h ~help the "
     "$n "
     "to [x=chore]$x and to [y=chore2]$y.|First $h ~have to [x=chore]$x. That ~be easy. But to "
     "[y=chore2]$y ~be hard work."},
    {"job.tired", "",
     "At noon, $h ~be so tired that $h1 ~fall asleep [z=shade]$z.|^$h ~think of the $o and ~do not "
     "stop.|A_ [a=small]$a ~want to play, but $h ~say, *Not now. I have work to do.*"},
    {"job.end", "",
     "In the evening, the $n ~give $h the $c $o. It ~feel better than any gift.|*You worked hard,* "
     "~say the $n. *Here is your $o.* ^$h ~run all the way home with it.|The $n ~be [C=happy]$C. "
     "*Take the $o, and come back tomorrow if you like,* ~say the $n."},
    {"chore", "",
     "sweep the floor|carry the wood|clean the windows|sort the buttons|polish the boots|stack the "
     "boxes|rake the leaves|sharpen the pencils|brush the horses|hang up the clothes|shake the "
     "carpets|sew the sails"},
    {"chore2", "",
     "wash the dishes|feed the hens|count the coins|water the plants|fold the towels|peel the "
     "potatoes|paint the gate|mend the nets|light the stove|cut the hedge|bake the bread|knead the "
     "dough"},
    {NULL, NULL, NULL},
};
