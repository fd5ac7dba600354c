/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Plots about feelings and plans: fear, rain, races, new friends, patience, presents, errands. The
 * notation is explained in stories.h, the letters of the frame in stories_frame.c.
 */

#include "stories_grammar.h"

const struct story_rule story_plots2[] = {
    /* One ingredient is forgotten, and the dish tells it. */
    {"bake", "", "<bake.plan> <bake.mix> <bake.taste> <bake.why> <bake.end>"},
    {"bake.plan", "",
     "<one> $h ~want to make a_ [c=tastily]$c [b=dish]$b for $h3 [m=elder]$m. For that $h1 ~need "
     "[i=ingr]$i, [j=ingr2]$j and [l=ingr3]$l.|<one> $h and $h3 [m=elder]$m ~~be alone in the "
     "kitchen. "
     "*Let us make a_ [c=tastily]$c [b=dish]$b,* $m1 ~say <ly>. *We need [i=ingr]$i, [j=ingr2]$j "
     "and "
     "[l=ingr3]$l.*"},
    {"bake.mix", "",
     "^$h ~stir the $i and the $l in a big bowl and ~let everything cook.|^$h ~take the "
     "$i "
     "and the $l and ~mix them with a_ [x=look]$x spoon.|First $h ~wash $h3 hands. Then $h1 ~cook "
     "the $i together with the $l."},
    {"bake.taste", "",
     "After [N=number]$N minutes, $h ~try a bite. It ~taste [y=yuck]$y!|When the $b ~be ready, it "
     "~taste [y=yuck]$y.|But the $b ~taste [y=yuck]$y. ^$h ~feel [B=sad]$B."},
    {"bake.why", "",
     "^$h3 $m ~look at the table and ~laugh. *You forgot the $j!*|*What did I do wrong?* ~ask $h. "
     "^$h3 $m ~point at the $j. It (was;is) still in the bag.|Then $h ~see the $j [z=spot]$z. (It "
     "had "
     "never gone;It has never gone) into the bowl."},
    {"bake.end", "",
     "So they ~~try again, this time with $j. The new $b ~be [d=yum]$d.|*Even a good cook makes "
     "mistakes,* ~say $h3 $m <ly>. The second $b, with plenty of $j, ~taste [d=yum]$d.|^$h ~add "
     "the "
     "$j and ~begin again. <pal>Soon $h3 $r $g ~come to eat with them, and the $b ~be [d=yum]$d."},
    {"tastily", "", "big|sweet|hot|spicy|creamy|simple|special|fresh|giant|proper"},

    /* A present without money. */
    {"gift", "", "<gift.need> <gift.poor> <gift.make> <gift.worry> <gift.end>"},
    {"gift.need", "",
     "<one> $h ~remember that it ~be the birthday of $h3 [m=elder]$m.|<one> $h ~want to give a "
     "present to $h3 [m=elder]$m, who (had been;has been) {sick|busy|sad} all "
     "{week|month|winter}."},
    {"gift.poor", "",
     "^$h ~look into $h3 pocket. There ~be only one coin and a_ [y=pocketful]$y.|In the shop of "
     "the "
     "[n=worker]$n, everything ~cost too much.|*I have no money,* ~think $h. *What can I do?*"},
    {"gift.make", "",
     "So $h1 ~decide to make a_ [o=craft]$o. ^$h1 ~find some $o1 [x=spot]$x and ~ask the "
     "[z=worker]$z for $o2.|Then $h ~have an idea. With [o=craft]$o1 and $o2, $h1 ~make a_ $o.|"
     "*I will make a_ [o=craft]$o!* ~say $h. ^$h1 ~work with $o1 and $o2 until "
     "{noon|midnight|dinner}."},
    {"gift.worry", "",
     "When the $o ~be done, it ~look a little [c=crooked]$c.|*It is too [c=crooked]$c,* ~say $h "
     "<lysad>.|^$h ~be [B=sad]$B, because one side of the $o ~be [c=crooked]$c."},
    {"crooked", "", "crooked|bent|thin|rough|uneven|strange|messy|loose|short|wobbly"},
    {"gift.end", "",
     "But $h3 $m ~smile. *This is the best $o in the world,* $m1 ~say. *You made it yourself.*|But "
     "$h3 "
     "$m ~put the $o [v=spot]$v, where everyone ~can see it.|*Is this for me?* ~ask $h3 $m. *I "
     "have "
     "never had such a beautiful $o.* ^$h ~be [C=happy]$C."},

    /* A fear is met with a friend and a small thing. */
    {"afraid", "", "<pal><afraid.of> <afraid.tell> <afraid.help> <afraid.try> <afraid.end>"},
    {"afraid.of", "",
     "But $h ~be afraid of [e=fear]$e.|There ~be only one problem. ^$h ~be afraid of [e=fear]$e."},
    {"afraid.tell", "",
     "<one> $h ~tell $h3 $r $g about it. *I feel so [B=sad]$B,* $h1 ~say.|<one> $h3 $r $g ~see $h "
     "tremble. *What is wrong?* ~ask $f.|<one> $h3 $r $g ~want to go to [p=place]$p, but $h ~say "
     "no. "
     "*I am afraid of $e,* $h1 ~say <lysad>."},
    {"afraid.help", "",
     "^$f ~do not laugh. *$e2,* ~say $f <ly>, and ~give $h2 a_ $e1.|*I was afraid of $e too,* ~say "
     "$f. *Take this $e1. $e2.*|*Take my $e1,* ~say $f. *And remember this. $e2.*"},
    {"afraid.try", "",
     "^$h ~hold the $e1 and ~take one step, then [N=number]$N more.|With the $e1 in $h3 hand, $h "
     "~close $h3 eyes and ~count to [N=number]$N.|They ~~go together. ^$h3 heart ~beat fast, but "
     "$h ~hold on to the $e1."},
    {"afraid.end", "",
     "Nothing bad ~happen. *I did it!* ~shout $h.|After a while, the fear ~become smaller and "
     "smaller. In the end, $h ~be [C=happy]$C.|From that day on, $h ~be not afraid of $e any more. "
     "^$h1 ~give the $e1 back to $f and ~say, *Thank you.*"},

    /* A seed needs time. */
    {"garden", "", "<garden.seed> <garden.wait> <garden.say> <garden.grow> <garden.end>"},
    {"garden.seed", "",
     "<one> the [n=worker]$n ~give $h a_ [v=veg]$v seed. ^$h ~plant it [x=yard]$x.|<one> $h ~find "
     "a_ "
     "[v=veg]$v seed in $h3 pocket and ~plant it [x=yard]$x.|<one> $h ~want to grow a_ [v=veg]$v. "
     "^$h1 ~dig a small hole [x=yard]$x and ~put a seed into it."},
    {"garden.wait", "",
     "Every {day|morning|evening}, $h1 ~water it, but nothing ~happen.|^$h1 ~wait for [N=number]$N "
     "days, but there ~be nothing to see.|The next day, $h1 ~look at the earth. There ~be no $v."},
    {"garden.say", "",
     "*Maybe the seed is bad,* ~say $h. *Be patient,* ~say $h3 [m=elder]$m <ly>. *Good things need "
     "time.*|^$h ~be [B=sad]$B. *A seed works in the dark,* ~say $h3 [m=elder]$m. *You cannot see "
     "it, but it is busy.*|^$h ~want to dig it up again, but $h3 [m=elder]$m ~say, *Wait and keep "
     "it "
     "wet.*"},
    {"garden.grow", "",
     "Then the sun ~shine and the rain ~fall, and one day a green leaf ~come out of the "
     "earth.|After "
     "{a week|two weeks|a long time}, a tiny green shoot ~appear. It ~grow bigger and bigger.|When "
     "[S=season]$S ~come, there ~be a green plant as tall as $h."},
    {"garden.end", "",
     "In the end, there ~~be so many $v1 that $h3 $m ~make $v2 for the whole street.|^$h ~pick the "
     "$v1 and ~share them with <pal>$h3 $r $g.|*[A=wow]$A!* ~shout $h. There ~~be [J=number]$J "
     "$v1! They ~~make $v2, and it ~taste [d=yum]$d."},

    /* A plan is spoilt by the weather, and another plan is found. */
    {"plans", "", "<pal><plans.plan> <plans.storm> <plans.sad> <plans.in> <plans.end>"},
    {"plans.plan", "",
     "<one> $h and $h3 $r $g ~~want to [o=outdoor]$o.|<one> $h ~ask $h3 $r $g to come along and "
     "[o=outdoor]$o.|*Let us [o=outdoor]$o,* ~say $h3 $r $g {one morning|after breakfast}."},
    {"plans.storm", "",
     "But when they ~~get to [p=place]$p, [x=storm]$x.|They ~~pack [b=food.s]$b and [y=drink]$y. "
     "But "
     "then [x=storm]$x.|They ~~be just about to leave when [x=storm]$x."},
    {"food.s", "",
     "apples|sandwiches|cookies|pears|muffins|pancakes|plums|sausages|biscuits|bananas|carrots"},
    {"plans.sad", "",
     "They ~~run home as fast as they ~~can. *Now our day is ruined,* ~say $f.|^$h ~be [B=sad]$B. "
     "*It is too $x2 outside,* ~say $f, and they ~~go back into the house.|*We cannot go out in "
     "$x1,* ~say $f, and ~look [B=sad]$B."},
    {"plans.in", "",
     "*We can [i=indoor]$i instead,* ~say $h.|Then $h3 [m=elder]$m ~have an idea. *Why not "
     "[i=indoor]$i?*|So they ~~sit by the window. *I know!* ~say $h. *Let us [i=indoor]$i.*"},
    {"plans.end", "",
     "They ~~have so much fun that they ~~forget $x1.|When $x1 ~be over, they ~~do not even want "
     "to "
     "go outside.|They ~~laugh all {day|afternoon}. *I hope it will be $x2 tomorrow too,* ~say $f.|"
     "In the evening, $x1 ~stop and there ~be a rainbow [Z=rainbow]$Z."},
    {"rainbow", "",
     "over the hills|above the roofs|behind the church|across the sky|over the sea|above the trees|"
     "at the end of the road"},

    /* A race is lost and a friend is won. */
    {"race", "", "<pal><race.start> <race.fast> <race.fall> <race.help> <race.end>"},
    {"race.start", "",
     "<one> there ~be a race to [p=place]$p. The prize ~be a_ [z=prize]$z. ^$h3 $r $g ~run "
     "too.|*Let "
     "us race to [p=place]$p,* ~say $h to $h3 $r $g {one day|one morning|after school}. *The "
     "winner "
     "gets a_ [z=prize]$z.*"},
    {"race.fast", "",
     "*I am the fastest $s in the world,* ~say $h.|*One, two, three, go!* At first, $h ~be far "
     "ahead."
     "|^$h ~run like [R=speed]$R. ^$f ~be far behind."},
    {"speed", "", "the wind|a horse|lightning|an arrow|a train|a rocket|a hare|water downhill"},
    {"race.fall", "",
     "But then $h ~trip over a_ [y=stumble]$y and ~hurt $h3 [K=limb]$K.|But $h ~do not see a_ "
     "[y=stumble]$y "
     "on the path. ^$h1 ~fall and ~hurt $h3 [K=limb]$K."},
    {"limb", "", "knee|foot|ankle|toe|leg|elbow|nose|back"},
    {"race.help", "",
     "^$f ~can win now. But $f ~stop and ~help $h to stand up.|*Are you all right?* ~ask $f, and "
     "~stop running.|*Go on and win,* ~say $h. *Not without you,* ~say $f <ly>."},
    {"race.end", "",
     "They ~~cross the line together, and both ~~get the $z.|A_ [a=small]$a ~win the $z, but $h "
     "~do "
     "not mind. *I won a friend,* $h1 ~say.|Slowly, they ~~walk to the end, arm in arm. The "
     "[n=worker]$n ~give the $z to both of them."},

    /* Somebody new is made welcome. */
    {"newcomer", "", "<new.$q><new.come> <new.ask> <new.play> <new.end>"},
    {"new.kid", "", "[f=palboy][k:boy]|[f=palgirl][k:girl]"},
    {"new.beast", "", "[f=palhebeast][k=beast]|[f=palshebeast][k=beast]"},
    {"new.come", "",
     "<one> a new $k named $f ~come to [p=place]$p. ^$f ~do not know anyone there and ~sit alone "
     "[x=shade]$x.|<one> $h ~see a_ $k [x=shade]$x, all alone. *My name is $f,* ~say the $k. *I am "
     "new here.*"},
    {"new.ask", "",
     "*Do you want to play with me?* ~ask $h <ly>. ^$f ~nod.|The others ~~play [o=game]$o, but "
     "nobody ~ask $f. So $h ~walk over and ~say, *Come and play with us.*|^$h ~know how it ~feel "
     "to "
     "be alone. *Hello, I am $h,* $h1 ~say <ly>."},
    {"new.play", "",
     "They ~~play [J=game]$J until {sunset|dinner|dark}, and $f ~win twice.|^$f ~show $h how to "
     "[i=indoor]$i.|^$f ~be shy at first, but then $f1 ~teach $h a trick with a_ [y=junk]$y."},
    {"new.end", "",
     "*This morning I was so [B=sad]$B,* ~say $f. *Now I am [C=happy]$C.*|When it ~be time to go, "
     "$f "
     "~shout, *See you tomorrow, $h!*|Now $h and $f ~~meet every [M=weekday]$M, and nobody ~be "
     "alone."},

    /* A noise in the night. */
    {"night", "", "<night.hear> <night.fear> <night.go> <night.see> <night.end>"},
    {"night.hear", "",
     "{One night|One [W=weather]$W night|Late at night}, $h ~cannot sleep. There ~be a strange "
     "[x=noise]$x sound.|In the middle of the night, $h ~wake up. Something ~be [x=noise]$x!"},
    {"night.fear", "",
     "*Is it a [e=monster]$e?* ~think $h, and ~pull the blanket over $h3 head.|^$h ~lie very "
     "still. "
     "*Maybe it is a [e=monster]$e,* $h1 ~think.|*[B=ohno]$B!* ~whisper $h. *A [e=monster]$e!*"},
    {"monster", "", "ghost|dragon|thief|giant|monster|witch|wolf|pirate|troll|snake|robber|goblin"},
    {"night.go", "",
     "^$h1 ~take a_ [l=light]$l and ~walk down the dark [c=corridor]$c, step by step.|Then $h1 "
     "~get "
     "up, ~pick up a_ [l=light]$l and ~tiptoe through the [c=corridor]$c.|^$h1 ~call $h3 "
     "[m=elder]$m. "
     "With a_ [l=light]$l they ~~go to look."},
    {"light", "", "lamp|candle|torch|lantern|match|flashlight"},
    {"corridor", "", "hall|stairs|corridor|house|passage|staircase"},
    {"night.see", "",
     "But it ~be no $e. It ~be only $x1 $x2!|There ~be $x1 $x2, and nothing else. No $e at "
     "all!|The "
     "light of the $l ~fall on $x1 $x2. (That had been;That is) the $e!"},
    {"night.end", "",
     "^$h ~laugh at $h4 and ~go back to bed.|*Good night,* ~say $h <ly>, and ~shut the door. The "
     "sound ~be still there, but now it ~be like a song.|^$h ~blow out the $l and ~sleep until "
     "{morning|sunrise|breakfast}."},
    {NULL, NULL, NULL},
};
