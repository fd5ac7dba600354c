/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Plots about things: lost, shared, broken, found, swapped, built. A plot is a chain of stages;
 * what one stage binds, the next ones reuse, so that an effect has its cause and a thing its owner.
 * Only what a small model can carry that far is said again; the rest is "it", or not said. The
 * first sentence of each plot has $S, the hero, who may be new to the reader there. The notation is
 * explained in stories.h, the letters of the frame in stories_frame.c.
 */

#include "stories_grammar.h"

const struct story_rule story_plots[] = {
    {"plot", "",
     "[Q:lost]<lost> <close>|[Q:share]<share> <close.long>|[Q:rescue]<rescue> "
     "<close>|[Q:truth]<truth> <lesson>|[Q:treasure]<treasure> <close>|[Q:trade]<trade> "
     "<close>|[Q:building]<building> <close.out>|[Q:market]<market> "
     "<close>|[Q:bake]<bake> <close>|[Q:gift]<gift> <close>|[Q:afraid]<afraid> "
     "<close>|[Q:garden]<garden> <close.long>|[Q:plans]<plans> <close>|[Q:race]<race> "
     "<close.out>|[Q:newcomer]<newcomer> <close.out>|[Q:night]<night> "
     "<close.night>|[Q:sick]<sick> <close.long>|[Q:learn]<learn> "
     "<close.long>|[Q:job]<job> <close>"},

    /* A thing is lost and found with a friend. */
    {"lost", "", "<lost.gone> <lost.cry> <lost.help> <lost.look> <lost.found> <lost.end>"},
    {"lost.gone", "",
     "<one> $S ~go to [p=place]$p with a_ <look> [o=toy]$o. On the way home, $h1 ~see "
     "that the $o ~be missing.|<one> $S ~wake up and ~cannot find the best thing that $h1 "
     "~have. It ~be a_ <look> [o=toy]$o.|<one> $S ~play with a_ <look> [o=toy]$o. But "
     "after {lunch|breakfast|a nap|school}, the $o ~be gone.|<one> $S ~look for a_ <look> "
     "[o=toy]$o, a present from $h3 [m=elder]$m. The $o ~be gone!"},
    {"lost.cry", "",
     "^$h1 ~feel very <sad>.|*<ohno>!* ~cry $h. *Where is my $o?*|^$h1 ~sit down and ~cry."},
    {"lost.help", "",
     "<pal>^$h3 $r $g ~come to help. *<lost.calm>,* ~say $f <ly>. *We will find it.*"},
    {"lost.calm", "", "Do not worry|Do not cry|Stay calm|Let us think"},
    {"lost.look", "",
     "They ~~look <spot>, but there ~be only a_ <junk>. They ~~look <spot2> and ~~find "
     "{nothing at all|only dust|nothing but leaves}.|First they ~~search <spot>. Then "
     "they ~~search <spot2>. All they ~~find ~be a_ <junk>.|*Did you look <spot>?* ~ask "
     "$f. They ~~look there, but they only ~~find a_ <junk>."},
    {"lost.found", "",
     "At last, $f ~look <spot3>. There ~be the $o!|Then $h ~hear a funny sound. A_ "
     "<small> ~be asleep <spot3>, and under it ~be the $o!|Then $h ~remember something. "
     "*I was playing <spot3>!* $h1 ~say. And there ~be the $o, safe and sound.|Just "
     "before {dark|dinner|lunch}, $f ~shout, *<wow>!* The $o (had been;has been) <spot3> "
     "all the time."},
    {"lost.end", "",
     "*Thank you, $f!* ~say $h. *You are a {true|good|great|wonderful} friend.*|^$h ~hug "
     "$f and ~promise to take better care of the $o.|^$h ~be so <happy> that $h1 ~let $f "
     "play with the $o all {day|afternoon|week}.|Now $h always ~put the $o <shown>, where "
     "it ~cannot get lost."},

    /* Food is shared, and kindness comes back. */
    {"share", "", "<share.have> <share.meet> <share.half> <share.lost> <share.back>"},
    {"share.have", "",
     "<one> $S ~have a_ [b=food]$b for lunch. ^$h1 ~sit down <shade> to eat it.|<one> $S "
     "~sit <shade> with a_ [b=food]$b.|<one> $S ~take a_ [b=food]$b and a cup of <drink> "
     "and ~go to [p=place]$p to have lunch."},
    {"share.meet", "",
     "Then a_ [a=small]$a ~come by. It ~be thin and <sad>. *I have not eaten since "
     "yesterday,* it ~say <lyshy>.|A hungry [a=small]$a ~stop in front of $h2. *May I "
     "have a bite?* it ~ask.|*That smells good,* ~say a little voice <lyshy>. It ~be a_ "
     "[a=small]$a with {big|bright|round|golden|green} eyes."},
    {"share.half", "",
     "The $b ~be small, but $h ~break it in two. *Half for you and half for me,* $h1 ~say "
     "<ly>.|^$h ~think for a moment. Then $h1 ~give the bigger half of the $b to the "
     "$a.|*Sit down and eat with me,* ~say $h <ly>. The $b ~be gone in {a minute|no "
     "time}, and both ~~be <happy>."},
    {"share.lost", "",
     "{A week|A month|^<number> days} later, $h ~get lost in [l=wild]$l. ^$h1 ~shout, but "
     "nobody ~answer.|The next <weekday>, $h ~fall asleep <shade>, and when $h1 ~wake up "
     "it ~be dark. ^$h1 ~cannot see the way home.|Later that {day|week|month}, $h ~lose "
     "the way in [l=wild]$l and ~sit down $l1, tired and cold."},
    {"share.back", "",
     "But the little animal ~hear $h2 and ~lead $h2 home. *You shared with me,* it ~say "
     "<ly>. *Now it is my turn to help.*|Suddenly, the little animal ~be there. *Follow "
     "me,* it ~say. *I never forget a friend.* Soon $h ~be home again.|Then the little "
     "animal ~come by. It ~know every path, and before long $h ~be safe at home. *Thank "
     "you,* $h1 ~say. *Thank you for the lunch,* it ~answer."},

    /* An animal in a trap. */
    {"rescue", "", "<rescue.hear> <rescue.ask> <rescue.fetch> <rescue.free> <rescue.end>"},
    {"rescue.hear", "",
     "<one> $S ~hear a small cry near [p=place]$p. A_ [a=small]$a ~be caught in a_ "
     "[u=trap]$u.|<one> $S ~walk to [p=place]$p. There $h1 ~see a_ [a=small]$a in a_ "
     "[u=trap]$u."},
    {"rescue.ask", "",
     "*Please help me,* ~say the $a <lyshy>. *I cannot get out!*|The $a ~be <sad> and "
     "~shake with fear.|*<ohno>!* ~cry the $a. *I have been here since <weekday>.*"},
    {"rescue.fetch", "",
     "^$h ~pull as hard as $h1 ~can, but it ~do not help. So $h1 ~run home to fetch a_ "
     "$u1.|*I will be back soon,* ~say $h <ly>, and ~run to ask the <worker> for a_ "
     "$u1.|^$h ~be too small to help alone, so $h1 ~call the <worker>, who ~have a_ "
     "$u1.|<pal>*You need my help,* ~say $h3 $r $g, and ~run to fetch a_ $u1."},
    {"rescue.free", "",
     "It ~take {a while|an hour|a long time} to $u2, but then the little animal ~be "
     "free!|With the $u1, they ~~manage to $u2. Slowly, the little animal ~crawl "
     "out.|*Now we can $u2,* ~say $h <ly>. Soon the little animal ~be safe."},
    {"rescue.end", "",
     "It ~be so <happy> that it ~dance around $h2.|Now it ~visit $h every <weekday>.|*How "
     "can I thank you?* it ~ask. *Just be careful,* ~say $h.|From then on, they ~~play "
     "<game> together."},

    /* Something breaks, and the truth is told. */
    {"truth", "", "<truth.break> <truth.hide> <truth.ask> <truth.tell> <truth.mend>"},
    {"truth.break", "",
     "<one> $S ~throw a_ <look> {ball|marble|book|cap|button|cushion} inside the house. "
     "It ~hit the [u=fragile]$u of $h3 [m=elder]$m, and the $u ~break.|<one> $S ~play "
     "<game> in the kitchen and ~knock over a_ <look> [u=fragile]$u. The $u ~belong to "
     "$h3 [m=elder]$m.|<one> $S ~run too fast and ~bump into the table. The [u=fragile]$u "
     "of $h3 [m=elder]$m ~fall and ~break."},
    {"truth.hide", "",
     "*<ohno>!* ~whisper $h. ^$h1 ~hide the pieces <spot>.|^$h1 quickly ~put the pieces "
     "<spot> and ~run outside.|^$h1 ~be afraid, so $h1 ~hide the broken $u <spot>."},
    {"truth.ask", "",
     "{At dinner|That evening|Soon}, $h3 $m ~ask, *Where is my $u?*|*Have you seen my "
     "$u?* ~ask $h3 $m {at dinner|that evening}.|Later, $h3 $m ~look everywhere for the "
     "$u."},
    {"truth.tell", "",
     "^$h ~feel <sad>. *I broke it,* $h1 ~say <lysad>. *I am so sorry.*|First $h ~say "
     "nothing. Then $h1 ~tell the truth about the $u.|^$h ~want to say that a_ <small> "
     "did it, but that ~be a lie. *It was me,* $h1 ~say."},
    {"truth.mend", "",
     "^$h3 $m ~be not angry. *Thank you for telling me,* $m1 ~say <ly>. Together they "
     "~~mend the $u with <mend>.|*Things can be fixed,* ~say $h3 $m <ly>. *A lie is "
     "harder to fix.* They ~~repair the $u with <mend>.|^$h3 $m ~hug $h2. *You are more "
     "important than a_ $u,* $m1 ~say."},

    /* A locked container and its key. */
    {"treasure", "", "<treasure.find> <treasure.key> <treasure.open> <treasure.end>"},
    {"treasure.find", "",
     "<one> $S ~dig a hole near [p=place]$p and ~find a_ <look> [b=chest]$b.|<one> $S "
     "~find a_ <look> [b=chest]$b <spot>.|<one> $S ~go to the beach and ~pull a_ <look> "
     "[b=chest]$b out of the water."},
    {"treasure.key", "",
     "The $b ~be locked. ^$h ~look for a key and ~find one <spot2>.|The $b ~be closed so "
     "tightly that nobody ~can open it. Then the <worker> ~bring a_ <tool> and ~hit the "
     "lid.|*This $b will not open,* ~say $h. ^$h1 ~ask the <worker>, who ~have a key for "
     "everything."},
    {"treasure.open", "",
     "*Click!* Inside the $b ~be a_ [d=gem]$d.|The lid ~open with a loud crack. *<wow>!* "
     "In the $b ~be a_ [d=gem]$d.|Slowly, $h ~lift the lid and ~see a_ [d=gem]$d."},
    {"treasure.end", "",
     "^$h ~give the $d1 to $h3 [m=elder]$m. *I lost them years ago,* $m1 ~say <ly>. *How "
     "kind of you!*|^$h ~show the $d1 to $h3 [m=elder]$m. *What a find,* $m1 ~say <ly>. "
     "*Keep them safe.*|*Finders keepers,* ~think $h. But then $h1 ~hear that the "
     "<worker> (had lost;has lost) some $d1, and $h1 ~give them back.|Now $h ~keep the "
     "$d1 <spot3> and ~tell only $h3 [m=elder]$m."},

    /* Two friends swap toys and swap them back. */
    {"trade", "", "<pal><trade.have> <trade.swap> <trade.miss> <trade.back>"},
    {"trade.have", "",
     "<one> $S ~meet $h3 $r $g [p=place]$p1 $p. ^$h ~have a_ <look> [o=toy]$o, and $f "
     "~have a_ <look> [u=toy2]$u.|<one> $S ~take a_ <look> [o=toy]$o to the house of $h3 "
     "$r $g. ^$f ~be playing with a_ <look> [u=toy2]$u."},
    {"trade.swap", "",
     "*I like your $u better than my $o,* ~say $h. *Shall we swap?* ^$f ~nod.|*Let us "
     "trade,* ~say $f <ly>. *My $u for your $o.* ^$h ~agree at once."},
    {"trade.miss", "",
     "But at night, $h ~miss the $o and ~cannot sleep.|For {an hour|a day|a week}, $h ~be "
     "<happy>. Then $h1 ~begin to miss the $o.|The new toy ~be {nice|fun|pretty}, but it "
     "~be not the same. ^$h ~feel <sad> without the $o."},
    {"trade.back", "",
     "The next {day|morning}, $h ~knock on the door of $f. *I want my $o back,* $h1 ~say. "
     "^$f ~laugh, and they ~~swap again.|So $h ~go to see $f, and $f ~be already on the "
     "way with the $o. *We are both silly,* ~say $f, and they ~~laugh.|Then $f ~come to "
     "the door with the $o. *Let us share our toys,* ~say $f <ly>. Now they always ~~play "
     "together."},

    /* What is built badly falls, what is mended stands. */
    {"building", "", "<pal><build.plan> <build.fall> <build.fix> <build.end>"},
    {"build.plan", "",
     "<one> $S and $h3 $r $g ~~want to build a_ [b=build]$b $b2. They ~~collect a lot of "
     "$b1.|<one> $S ~meet $h3 $r $g. *Let us build a_ [b=build]$b,* ~say $h. They ~~look "
     "for $b1 near [p=place]$p."},
    {"build.fall", "",
     "They ~~work all {day|morning|afternoon}. But then <weak>, and the $b ~fall down.|At "
     "first the $b ~look good. Then <weak>, and it ~fall apart.|The $b ~be almost done "
     "when <weak>. *Crash!* It ~break."},
    {"build.fix", "",
     "^$f ~be <sad>, but $h ~have an idea. *We need [l=fix]$l,* $h1 ~say.|*We should give "
     "up,* ~say $f. *No,* ~say $h <ly>. *This time we will use [l=fix]$l.*|They ~~ask the "
     "<worker> for help, and $f ~come back with [l=fix]$l."},
    {"build.end", "",
     "With the $l, the second $b ~be {strong|better|twice as strong}, and it ~stay.|They "
     "~~start again with the $l, and this time the $b ~stand. *<wow>!* ~shout $f.|With "
     "the $l, the $b ~be strong. ^$h and $f ~~play <game> there until "
     "{sunset|dinner|dark}."},
    {NULL, NULL, NULL},
};
