/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Plots about work and care: an errand, a sick friend, a skill, a job. The notation is explained
 * in stories.h, the letters of the frame in stories_frame.c.
 */

#include "stories_grammar.h"

const struct story_rule story_plots3[] = {
    /* Two things to buy, one is forgotten. */
    {"market", "", "<market.send> <market.stop> <market.forget> <market.know> <market.end>"},
    {"market.send", "",
     "<one> $S ~go to the market. *Please buy [i=errand]$i and [l=errand2]$l,* $h3 "
     "[m=elder]$m (had said;has said).|<one> $S ~take a basket and ~go to the shop for "
     "$h3 [m=elder]$m. ^$h1 ~have to buy [i=errand]$i and [l=errand2]$l."},
    {"market.stop", "",
     "On the way, $h ~sing, *^$i and $l!* Then $h1 ~meet a_ <small>, and they ~~talk for "
     "a long time.|^$h ~say the words again and again. But then $h1 ~stop to watch the "
     "<worker> <chore>.|Halfway there, $h ~stop to play <game> with a_ <small>."},
    {"market.forget", "",
     "At the shop, $h ~remember the $i, but not the other thing.|*I want $i and...* ~say "
     "$h. What (had been;is) the other thing?|^$h ~buy the $i. But something ~be missing."},
    {"market.know", "",
     "^$h1 ~scratch $h3 head and ~think hard. *^$l!* $h1 ~shout at last.|*Do you need "
     "<other>?* ~ask the <worker>. *No,* ~say $h. *I need $l!*|Then $h1 ~see a woman with "
     "$l in her bag, and at once $h1 ~remember."},
    {"market.end", "",
     "At home, $h ~open the basket. Nothing ~be missing!|^$h ~carry everything home and "
     "~get a_ {#9 <food>|bowl of soup|bowl of porridge|bowl of rice|boiled egg}.|At home, "
     "the whole family ~be <happy>. *Well done, $h!*"},

    /* Care is given and comes back. */
    {"sick", "", "<pal><sick.hear> <sick.bed> <sick.bring> <sick.well> <sick.end>"},
    {"sick.hear", "",
     "<one> $S ~want to play <game> with $h3 $r $g, but $f ~have <ill>.|<one> $S ~wait "
     "for $h3 $r $g [p=place]$p1 $p, but $f ~do not come. ^$f ~have <ill>."},
    {"sick.bed", "",
     "*You must stay in bed,* ~say the doctor. ^$f ~be <sad>.|*It is so boring in bed,* "
     "~say $f <lyshy>.|The doctor ~come with a big black bag. *Rest for <number> days,* "
     "~say the doctor."},
    {"sick.bring", "",
     "So $h ~bring $f <cure> and <cure2>.|^$h ~visit $f with <cure> and ~read a story "
     "about a_ <monster>.|*I know what you need,* ~say $h, and ~come back with <cure>."},
    {"sick.well", "",
     "Slowly, $f ~get better, and soon they ~~play together again.|After {a few days|some "
     "time|a week}, $f ~jump out of bed. *<wow>!* ~shout $f.|^$f ~laugh, and that ~be the "
     "best medicine of all."},
    {"sick.end", "",
     "A {week|month} later, $h ~be ill too. And who ~come to visit? It ~be $f!|*You made "
     "me well,* ~say $f. *It was only a little visit,* ~say $h. ^$f ~shake $f3 head. *It "
     "was you.*|When $h ~be ill in <season>, $f ~come and ~say, *Now it is my turn.*"},

    /* A skill needs practice. */
    {"learn", "", "<learn.want> <learn.fail> <learn.help> <learn.work> <learn.end>"},
    {"learn.want", "",
     "<one> $S ~go to the [x=skill]$x1 and ~see the <worker> $x. *I want to $x $x2 too,* "
     "~say $h.|<one> $S ~want to learn to [x=skill]$x $x2. So $h1 ~go to the $x1."},
    {"learn.fail", "",
     "But the first time, $h ~fall and ~hurt $h3 <limb>.|It ~look easy, but it ~be not. "
     "After <number> tries, $h ~be <sad>.|*<ohno>!* ~cry $h, and ~land on $h3 <limb>. "
     "Everyone ~laugh."},
    {"learn.help", "",
     "*Nobody can do it on the first day,* ~say $h3 [m=elder]$m <ly>. *You need "
     "practice.*|*First stand still and breathe,* ~say the <worker>, and ~show $h2 how to "
     "begin.|<pal>^$h3 $r $g ~do not laugh. *I fell a hundred times,* ~say $f <ly>. *Try "
     "it with me.*"},
    {"learn.work", "",
     "So $h ~practise every {day|morning|evening} for <number> weeks.|Every <weekday>, $h "
     "~go back and ~try again.|All through <season>, $h ~practise and ~do not give up."},
    {"learn.end", "",
     "And then, one fine day, $h ~can $x $x2!|*Look at me!* ~shout $h {at last|one day}. "
     "Now $h1 ~can $x $x2, and even the <worker> ~clap.|In the end, $h ~can $x better "
     "than anyone. *How do you do it?* ~ask the <worker>. *I fell and got up again,* ~say "
     "$h."},

    /* A wish is earned by work. */
    {"job", "", "<job.wish> <job.offer> <job.work> <job.tired> <job.end>"},
    {"job.wish", "",
     "<one> $S ~see a_ <look> [o=toy]$o in the house of the [n=owner]$n. ^$h1 ~want it "
     "very much, but it ~cost <number> coins.|<one> $S ~visit the [n=owner]$n and ~see a_ "
     "<look> [o=toy]$o. *It costs <number> coins,* ~say the $n. ^$h ~have only one."},
    {"owner", "", "shopkeeper|clockmaker|old man|old lady|tailor|miller"},
    {"job.offer", "",
     "*Help me for a day,* ~say the $n <ly>. *Then the $o is yours.*|*Can I work for the "
     "$o?* ~ask $h. The $n ~nod.|*I have no money, but I have two hands,* ~say $h. The $n "
     "~nod."},
    {"job.work", "",
     "So $h ~begin to <chore>. Then $h1 ~have to <chore2>.|All {morning|day}, $h ~help "
     "the $n to <chore> and to <chore2>.|First $h ~have to <chore>. That ~be easy. But to "
     "<chore2> ~be hard work."},
    {"job.tired", "",
     "At noon, $h ~be so tired that $h1 ~fall asleep <shade> and ~dream of the $o.|^$h "
     "~think of the $o and ~do not stop.|A_ <small> ~want to play, but $h ~think of the "
     "$o. *I have work to do,* $h1 ~say."},
    {"job.end", "",
     "In the evening, the $n ~give $h the $o. It ~feel better than any gift.|*You worked "
     "hard,* ~say the $n. *Here is your $o.* ^$h ~run all the way home with it.|The $n "
     "~be <happy>. *Take the $o, and come back tomorrow if you like,* ~say the $n."},
    {"chore", "",
     "sweep the floor|carry the wood|clean the windows|sort the buttons|polish the "
     "boots|stack the boxes|rake the leaves|sharpen the pencils|brush the horses|hang up "
     "the clothes|shake the carpets|sew the sails"},
    {"chore2", "",
     "wash the dishes|feed the hens|count the coins|water the plants|fold the towels|peel "
     "the potatoes|paint the gate|mend the nets|light the stove|cut the hedge|bake the "
     "bread|knead the dough"},
    {NULL, NULL, NULL},
};
