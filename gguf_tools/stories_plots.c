/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Plots about things: lost, shared, broken, found, swapped, built, bought. A plot is a chain of
 * stages; what one stage binds, later stages reuse, so that an effect has its cause and a thing its
 * owner. The notation is explained in stories.h, the letters of the frame in stories_frame.c.
 */

#include "stories_grammar.h"

const struct story_rule story_plots[] = {
    {"plot", "",
     "[Q:lost]<lost> <close>|[Q:share]<share> <close.long>|[Q:rescue]<rescue> <close>|"
     "[Q:truth]<truth> <lesson>|[Q:treasure]<treasure> <close>|[Q:trade]<trade> <close>|"
     "[Q:building]<building> <close.out>|[Q:market]<market> <close>|[Q:bake]<bake> <close>|"
     "[Q:gift]<gift> <close>|[Q:afraid]<afraid> <close>|[Q:garden]<garden> <close.long>|"
     "[Q:plans]<plans> <close>|[Q:race]<race> <close.out>|[Q:newcomer]<newcomer> <close.out>|"
     "[Q:night]<night> <close.night>|[Q:sick]<sick> <close.long>|[Q:learn]<learn> <close.long>|"
     "[Q:job]<job> <close>"},

    /* A thing is lost and found with a friend. */
    {"lost", "", "<lost.have> <lost.gone> <lost.help> <lost.look> <lost.found> <lost.end>"},
    {"lost.have", "",
     "^$h3 favourite toy ~be a_ [c=look]$c [o=toy]$o.|^$h1 ~have a_ [c=look]$c [o=toy]$o and ~take "
     "it everywhere.|^$h3 [m=elder]$m (had given;has given) $h2 a_ [c=look]$c [o=toy]$o.|The best "
     "thing that $h1 ~have ~be a_ [c=look]$c [o=toy]$o."},
    {"lost.gone", "",
     "<one> $h ~look for the $o, but it ~be gone.|<one> $h ~go to [p=place]$p, and on the way home "
     "$h1 ~see that the $o ~be missing.|<one> $h ~wake up and ~cannot find the $o."},
    {"lost.help", "",
     "<lost.cry> <pal>^$h3 $r $g ~come to help. *<lost.calm>,* ~say $f <ly>. *We will find it.*"},
    {"lost.cry", "",
     "^$h1 ~feel very [B=sad]$B.|*[B=ohno]$B!* ~cry $h. *Where is my $o?*|^$h1 ~sit down and "
     "~cry."},
    {"lost.calm", "", "Do not worry|Do not cry|Stay calm|Let us think"},
    {"lost.look", "",
     "They ~~look [x=spot]$x, but there ~be only a_ [y=junk]$y. They ~~look [z=spot2]$z and ~~find "
     "{nothing at all|only dust|a_ [b=junk]$b}.|First they ~~search [x=spot]$x. Then they ~~search "
     "[z=spot2]$z. All they ~~find ~be a_ [y=junk]$y.|*Did you look [x=spot]$x?* ~ask $f. They "
     "~~look there, but they only ~~find a_ [y=junk]$y."},
    {"lost.found", "",
     "At last, $f ~look [u=spot3]$u. There ~be the $c $o!|Then $h ~hear a funny sound. A_ "
     "[a=small]$a "
     "~be asleep [u=spot3]$u, and under it ~be the $o!|Then $h ~remember something. *I was playing "
     "[u=spot3]$u!* ~say $h. And there ~be the $o, safe and sound.|Just before "
     "{dark|dinner|lunch}, "
     "$f ~shout, *[A=wow]$A!* The $o (had been;has been) [u=spot3]$u all the time."},
    {"lost.end", "",
     "*Thank you, $f!* ~say $h. *You are a {true|good|great|wonderful} friend.*|^$h ~hug $f and "
     "~promise to take better care of the $o.|^$h ~be so [B=happy]$B that $h1 ~let $f play with "
     "the "
     "$o all {day|afternoon|week}.|Now $h always ~put the $o [v=spot]$v, where it ~cannot get "
     "lost."},

    /* Food is shared, and kindness comes back. */
    {"share", "", "<share.have> <share.meet> <share.half> <share.lost> <share.back>"},
    {"share.have", "",
     "<one> $h ~have a_ [b=food]$b for lunch. ^$h1 ~sit down [x=shade]$x to eat it.|<one> $h ~sit "
     "[x=shade]$x with a_ [b=food]$b.|<one> $h ~take a_ [b=food]$b and a cup of [y=drink]$y and "
     "~go "
     "to [p=place]$p to have lunch."},
    {"share.meet", "",
     "Then a_ [a=small]$a ~come by. It ~be thin and [B=sad]$B. *I have not eaten since yesterday,* "
     "~say the $a <ly>.|A hungry [a=small]$a ~stop in front of $h2. *May I have a bite?* ~ask the "
     "$a."
     "|*That smells good,* ~say a little voice <ly>. It ~be a_ [a=small]$a with a_ [z=look]$z "
     "tail."},
    {"share.half", "",
     "The $b ~be small, but $h ~break it in two. *Half for you and half for me,* ~say $h <ly>.|^$h "
     "~think for a moment. Then $h1 ~give the bigger half of the $b to the $a.|*Sit down and eat "
     "with me,* ~say $h <ly>. The $b ~be gone in {a minute|no time}, and both ~~be [C=happy]$C."},
    {"share.lost", "",
     "{A week|A month|^[N=number]$N days} later, $h ~get lost in [l=wild]$l. ^$h1 ~shout, but "
     "nobody "
     "~answer.|The next [M=weekday]$M, $h ~fall asleep [P=shade]$P, and when $h1 ~wake up it ~be "
     "dark. "
     "^$h1 ~cannot see the way home.|Later that {day|week|month}, $h ~lose the way in [l=wild]$l "
     "and "
     "~sit down $l1, tired and cold."},
    {"share.back", "",
     "But the $a ~hear $h2 and ~lead $h2 home. *You shared with me,* it ~say <ly>. *Now it is my "
     "turn to "
     "help.*|Suddenly, the $a ~be there. *Follow me,* it ~say. *I never forget a friend.* Soon $h "
     "~be home again.|Then $h ~see the $a. It ~know every path, and before long $h ~be safe at "
     "home. "
     "*Thank you,* ~say $h, and the $a ~say, *Thank you for the $b.*"},

    /* An animal in a trap. */
    {"rescue", "", "<rescue.hear> <rescue.ask> <rescue.fetch> <rescue.free> <rescue.end>"},
    {"rescue.hear", "",
     "<one> $h ~hear a small cry near [p=place]$p. A_ [a=small]$a ~be caught in a_ "
     "[u=trap]$u.|<one> "
     "$h ~walk to [p=place]$p. There $h1 ~see a_ [a=small]$a in a_ [u=trap]$u."},
    {"rescue.ask", "",
     "*Please help me,* ~say the $a <ly>. *I cannot get out!*|The $a ~be [B=sad]$B and ~shake with "
     "fear."
     "|*[B=ohno]$B!* ~cry the $a. *I have been here since [M=weekday]$M.*"},
    {"rescue.fetch", "",
     "^$h ~pull as hard as $h1 ~can, but it ~do not help. So $h1 ~run to fetch $h3 [m=elder]$m.|*I "
     "will be back soon,* ~say $h <ly>, and ~run to find the [m=worker]$m.|^$h ~be too small to "
     "help "
     "alone, so $h1 ~call the [m=worker]$m.|<pal>*You need my help,* ~say $h3 $r $g. They ~~run "
     "home "
     "to ask the [m=worker]$m."},
    {"rescue.free", "",
     "The $m ~bring a_ $u1 to $u2. After {a while|an hour|some hard work}, the $a ~be free!|With "
     "a_ $u1, the $m and $h ~~manage to $u2. Slowly, the $a ~crawl out.|*We must $u2,* ~say the $m "
     "<ly>, "
     "and ~hand $h a_ $u1. Soon the $a ~be safe."},
    {"rescue.end", "",
     "The $a ~be so [C=happy]$C that it ~dance around $h2.|Now the $a ~visit $h every "
     "[J=weekday]$J.|*How can I thank you?* ~ask the $a. *Just be careful,* ~say $h.|From then on, "
     "$h and the $a ~~play [J=game]$J together."},

    /* Something breaks, and the truth is told. */
    {"truth", "", "<truth.break> <truth.hide> <truth.ask> <truth.tell> <truth.mend>"},
    {"truth.break", "",
     "<one> $h ~throw a_ [c=look]$c [o=toy]$o inside the house. It ~hit the [u=fragile]$u of $h3 "
     "[m=elder]$m, and the $u ~break.|<one> $h ~play [o=game]$o in the kitchen, and $h3 elbow "
     "~knock "
     "over a_ [c=look]$c [u=fragile]$u. It ~be the favourite $u of $h3 [m=elder]$m.|<one> $h ~run "
     "too fast and ~bump into the table. The [u=fragile]$u of $h3 [m=elder]$m ~fall and ~break."},
    {"truth.hide", "",
     "*[B=ohno]$B!* ~whisper $h. ^$h1 ~hide the pieces [x=spot]$x.|^$h1 quickly ~put the pieces "
     "[x=spot]$x and ~run outside.|^$h1 ~be afraid, so $h1 ~hide the broken $u [x=spot]$x."},
    {"truth.ask", "",
     "{At dinner|That evening|Soon}, $h3 $m ~ask, *Where is my $u?*|*Have you seen my $u?* ~ask "
     "$h3 "
     "$m {at dinner|that evening}.|Later, $h3 $m ~look everywhere for the $u."},
    {"truth.tell", "",
     "^$h ~feel [C=sad]$C. *I broke it,* $h1 ~say <lysad>. *It is $x. I am so sorry.*|First $h "
     "~say "
     "nothing. Then $h1 ~tell the truth about the $u.|^$h ~want to say that a_ [y=small]$y did it, "
     "but that ~be a lie. *It was me,* ~say $h."},
    {"truth.mend", "",
     "^$h3 $m ~be not angry. *Thank you for telling me,* $m1 ~say <ly>. Together they ~~mend the "
     "$u with "
     "[l=fix]$l.|*Things can be fixed,* ~say $h3 $m <ly>. *A lie is harder to fix.* They ~~repair "
     "the $u "
     "with [l=fix]$l.|^$h3 $m ~hug $h2. *You are more important than a_ $u,* $m1 ~say."},

    /* A locked container and its key. */
    {"treasure", "", "<treasure.find> <treasure.key> <treasure.open> <treasure.end>"},
    {"treasure.find", "",
     "<one> $h ~dig a hole near [p=place]$p and ~find a_ [c=look]$c [b=chest]$b.|<one> $h and $h3 "
     "<pal>$r $g ~~find a_ [c=look]$c [b=chest]$b [x=spot]$x.|<one> a_ [c=look]$c [b=chest]$b "
     "~wash "
     "up on the beach, and $h ~pull it out of the water."},
    {"treasure.key", "",
     "It ~be locked. ^$h ~look for a key and ~find one [y=spot]$y.|The $b ~be closed so tightly "
     "that "
     "nobody ~can open it. Then the [n=worker]$n ~bring a_ [l=tool]$l and ~hit the lid.|*It will "
     "not "
     "open,* ~say $h. ^$h1 ~ask the [n=worker]$n, who ~have a key for everything."},
    {"treasure.open", "",
     "*Click!* Inside the $b ~be a_ [d=gem]$d.|The lid ~open with a loud crack. *[A=wow]$A!* In "
     "the "
     "$b ~be a_ [d=gem]$d.|Slowly, $h ~lift the lid and ~see a_ [d=gem]$d."},
    {"treasure.end", "",
     "^$h ~give the $d1 to $h3 [m=elder]$m, who ~say, *This belonged to my own $m.*|^$h ~show the "
     "$d1 to the [z=worker]$z. *What a find,* ~say the $z <ly>. *Keep it safe.*|*Finders keepers,* "
     "~think $h. But then $h1 ~hear that the [z=worker]$z (had lost;has lost) the $d1, and $h1 "
     "~give everything back.|Now $h ~keep the $d1 [v=spot]$v and ~tell only $h3 [m=elder]$m."},

    /* Two friends swap toys and swap them back. */
    {"trade", "", "<pal><trade.have> <trade.swap> <trade.miss> <trade.back>"},
    {"trade.have", "",
     "<one> $h ~meet $h3 $r $g [p=place]$p1 $p. ^$h ~have a_ [c=look]$c [o=toy]$o, and $f ~have a_ "
     "[d=look]$d [u=toy2]$u.|<one> $h ~take $h3 [c=look]$c [o=toy]$o to the house of $h3 $r $g. "
     "^$f "
     "~be playing with a_ [d=look]$d [u=toy2]$u."},
    {"trade.swap", "",
     "*I like your $u better than my $o,* ~say $h. *Shall we swap?* ^$f ~nod.|*Let us trade,* ~say "
     "$f "
     "<ly>. *My $u for your $o.* ^$h ~agree at once."},
    {"trade.miss", "",
     "But at night, $h ~miss the $o and ~cannot sleep.|For {an hour|a day|a week}, $h ~be "
     "[B=happy]$B. "
     "Then $h1 ~begin to miss the $o.|The $u ~be {nice|fun|pretty}, but it ~be not the same. ^$h "
     "~feel [B=sad]$B without the $o."},
    {"trade.back", "",
     "The next {day|morning}, $h ~knock on the door of $f. *I want my $o back,* ~say $h. ^$f "
     "~laugh. "
     "*And I miss my $u!* They ~~swap again.|So $h ~go to see $f, and $f ~be already on the way "
     "with "
     "the $o. *We are both silly,* ~say $f, and they ~~laugh.|Then $f ~come to the door with the "
     "$o. "
     "*Let us play with both of them together,* ~say $f <ly>. So $h ~fetch the $u."},

    /* What is built badly falls, what is mended stands. */
    {"building", "", "<pal><build.plan> <build.fall> <build.fix> <build.end>"},
    {"build.plan", "",
     "<one> $h and $h3 $r $g ~~want to build a_ [b=build]$b $b2. They ~~collect a lot of $b1.|*Let "
     "us build a_ [b=build]$b!* ~say $h to $h3 $r $g. They ~~look for $b1 near [p=place]$p."},
    {"build.fall", "",
     "They ~~work all {day|morning|afternoon}. But then [u=weak]$u, and everything ~fall down.|At "
     "first it ~look good. Then [u=weak]$u, and the $b ~fall apart.|They ~~be almost done when "
     "[u=weak]$u. *Crash!* The $b ~break."},
    {"build.fix", "",
     "^$f ~be [B=sad]$B, but $h ~have an idea. *We need [l=fix]$l,* $h1 ~say.|*We should give up,* "
     "~say $f. *No,* ~say $h <ly>. *This time we will use [l=fix]$l.*|They ~~ask the [n=worker]$n "
     "for "
     "help. *You forgot the [l=fix]$l,* ~say the $n <ly>."},
    {"build.end", "",
     "With the $l, the second $b ~be {strong|better|twice as strong}, and it ~stay.|They ~~start "
     "again with $l, and this time the $b ~stand. *[A=wow]$A!* ~shout $f.|Now the $b ~be strong. "
     "^$h and $f ~~play [J=game]$J there until {sunset|dinner|dark}."},
    {NULL, NULL, NULL},
};
