/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Plots about feelings and plans: fear, rain, races, new friends, patience, presents, noises. The
 * notation is explained in stories.h, the letters of the frame in stories_frame.c.
 */

#include "stories_grammar.h"

const struct story_rule story_plots2[] = {
    /* One ingredient is forgotten, and the dish tells it. */
    {"bake", "", "<bake.plan> <bake.mix> <bake.taste> <bake.why> <bake.end>"},
    {"bake.plan", "",
     "<one> $S ~want to make a_ <tastily> [b=dish]$b for $h3 [m=elder]$m. For that $h1 "
     "~need [i=ingr]$i, <ingr3> and [j=ingr2]$j.|<one> $S ~be in the kitchen with $h3 "
     "[m=elder]$m. *Let us make a_ <tastily> [b=dish]$b,* $m1 ~say <ly>. *We need "
     "[i=ingr]$i, <ingr3> and [j=ingr2]$j.*"},
    {"bake.mix", "",
     "^$h ~stir the $i in a big bowl and ~let everything cook.|^$h ~take the $i and ~mix "
     "everything with a_ <look> spoon.|First $h ~wash $h3 hands. Then $h1 ~begin with the "
     "$i."},
    {"bake.taste", "",
     "After <number> minutes, $h ~try a bite. It ~taste <yuck>!|When the $b ~be ready, it "
     "~taste <yuck>.|But the $b ~taste <yuck>. ^$h ~feel <sad>."},
    {"bake.why", "",
     "^$h3 $m ~look at the table and ~laugh. *You forgot the $j!*|*What did I do wrong?* "
     "~ask $h. ^$h3 $m ~point at the $j, still in the bag.|^$h3 $m ~find the $j <spot>. "
     "*This should be in the bowl,* $m1 ~say."},
    {"bake.end", "",
     "So they ~~try again, this time with $j. Now it ~taste <yum>.|*Even a good cook "
     "makes mistakes,* $m1 ~say <ly>. The second time, with plenty of $j, it ~taste "
     "<yum>.|^$h ~add the $j and ~begin again. <pal>Soon $h3 $r $g ~come to eat with "
     "them, and everything ~taste <yum>."},
    {"tastily", "", "big|sweet|hot|spicy|creamy|simple|special|fresh|giant|proper"},

    /* A present without money. */
    {"gift", "", "<gift.need> <gift.poor> <gift.make> <gift.worry> <gift.end>"},
    {"gift.need", "",
     "<one> $S ~remember that it ~be the birthday of $h3 [m=elder]$m.|<one> $S ~want to "
     "give a present to $h3 [m=elder]$m, who (had been;has been) {sick|busy|sad} all "
     "{week|month|winter}."},
    {"gift.poor", "",
     "^$h ~look into $h3 pocket. There ~be only one coin and a_ <pocketful>.|In the shop "
     "of the <worker>, everything ~cost too much.|*I have no money,* ~think $h. *What can "
     "I do?*"},
    {"gift.make", "",
     "So $h1 ~decide to make a_ [o=craft]$o for $h3 $m. ^$h1 ~find some $o1 <spot> and "
     "~ask the <worker> for $o2.|Then $h ~have an idea. With [o=craft]$o1 and $o2, $h1 "
     "~make a_ $o for $h3 $m.|*I will make a_ [o=craft]$o for my $m,* $h1 ~decide. ^$h1 "
     "~work with $o1 and $o2 until {noon|midnight|dinner}."},
    {"gift.worry", "",
     "When the $o ~be done, it ~look a little <crooked>.|*It is too <crooked>,* $h1 ~say "
     "<lysad>.|^$h ~be <sad>, because one side of the $o ~be <crooked>."},
    {"crooked", "", "crooked|bent|thin|rough|uneven|strange|messy|loose|short|wobbly"},
    {"gift.end", "",
     "But $h3 $m ~smile. *This is the best $o in the world,* $m1 ~say. *You made it "
     "yourself.*|But $h3 $m ~put the $o <shown>, where everyone ~can see it.|*Is this for "
     "me?* ~ask $h3 $m. *I have never had such a beautiful $o.* ^$h ~be <happy>."},

    /* A fear is met with a friend and a small thing. */
    {"afraid", "", "<pal><afraid.tell> <afraid.help> <afraid.try> <afraid.end>"},
    {"afraid.tell", "",
     "<one> $S ~tell $h3 $r $g a secret. *I am afraid of [e=fear]$e,* ~say $h "
     "<lysad>.|<one> $S ~tremble. *What is wrong?* ~ask $h3 $r $g. *I am afraid of "
     "[e=fear]$e,* ~say $h.|<one> $S ~do not want to go to [p=place]$p with $h3 $r $g. *I "
     "am afraid of [e=fear]$e,* ~say $h <lysad>."},
    {"afraid.help", "",
     "^$f ~do not laugh. *$e2,* ~say $f <ly>, and ~give $h2 a_ $e1.|*I was afraid of $e "
     "too,* ~say $f. *Take this $e1. $e2.*|*Take my $e1,* ~say $f. *And remember this. "
     "$e2.*"},
    {"afraid.try", "",
     "^$h ~hold the $e1 and ~take one step, then <number> more.|With the $e1 in $h3 hand, "
     "$h ~close $h3 eyes and ~count to <number>.|They ~~go together. ^$h3 heart ~beat "
     "fast, but $h ~hold on to the $e1."},
    {"afraid.end", "",
     "Nothing bad ~happen. *I did it!* ~shout $h. *It was not so hard with you by my "
     "side.*|After a while, the fear ~become smaller and smaller. In the end, $h ~be "
     "<happy>.|From that day on, $h ~be not afraid any more. *Thank you for your help,* "
     "$h1 ~say, and ~hug $f."},

    /* A seed needs time. */
    {"garden", "", "<garden.seed> <garden.wait> <garden.say> <garden.grow> <garden.end>"},
    {"garden.seed", "",
     "<one> $S ~get a_ [v=veg]$v seed from the <worker> and ~plant it <yard>.|<one> $S "
     "~find a_ [v=veg]$v seed in $h3 pocket and ~plant it <yard>.|<one> $S ~want to grow "
     "a_ [v=veg]$v. ^$h1 ~dig a small hole <yard> and ~put a seed into it."},
    {"garden.wait", "",
     "Every {day|morning|evening}, $h1 ~water it, but nothing ~happen.|^$h1 ~wait for "
     "<number> days, but there ~be nothing to see.|The next day, $h1 ~look at the earth. "
     "There ~be no $v."},
    {"garden.say", "",
     "*Maybe the seed is bad,* ~say $h. *Be patient,* ~say $h3 [m=elder]$m <ly>. *Good "
     "things need time.*|^$h ~be <sad>. *A seed works in the dark,* ~say $h3 [m=elder]$m. "
     "*You cannot see it, but it is busy.*|^$h ~want to dig it up again, but $h3 "
     "[m=elder]$m ~say, *Wait and keep it wet.*"},
    {"garden.grow", "",
     "Then the sun ~shine and the rain ~fall, and one day a green leaf ~come out of the "
     "earth.|After {a week|two weeks|a long time}, a tiny green shoot ~appear. It ~grow "
     "bigger and bigger.|When <season> ~come, there ~be a green plant as tall as $h."},
    {"garden.end", "",
     "In the end, there ~~be so many $v1 that $h3 $m ~make $v2 for the whole street.|^$h "
     "~pick the $v1 and ~share them with <pal>$h3 $r $g.|*<wow>!* ~shout $h. There ~~be "
     "<number> $v1! They ~~make $v2, and it ~taste <yum>."},

    /* A plan is spoilt by the weather, and another plan is found. */
    {"plans", "", "<pal><plans.plan> <plans.storm> <plans.sad> <plans.in> <plans.end>"},
    {"plans.plan", "",
     "<one> $S and $h3 $r $g ~~want to <outdoor>.|<one> $S ~ask $h3 $r $g to come along "
     "and <outdoor>.|<one> $S ~meet $h3 $r $g. *Let us <outdoor>,* ~say $f."},
    {"plans.storm", "",
     "But when they ~~get to [p=place]$p, [x=storm]$x.|They ~~pack <food.s> and <drink>. "
     "But then [x=storm]$x.|They ~~be just about to leave when [x=storm]$x."},
    {"food.s", "",
     "apples|sandwiches|cookies|pears|muffins|pancakes|plums|sausages|biscuits|bananas|carr"
     "ots"},
    {"plans.sad", "",
     "They ~~run home as fast as they ~~can. *Now our day is ruined,* ~say $f.|^$h ~be "
     "<sad>. *It is too $x2 outside,* ~say $f, and they ~~go back into the house.|*We "
     "cannot go out in $x1,* ~say $f, and ~look <sad>."},
    {"plans.in", "",
     "*We can <indoor> instead,* ~say $h.|Then $h3 [m=elder]$m ~have an idea. *Why not "
     "<indoor>?*|So they ~~sit by the window. *I know!* ~say $h. *Let us <indoor>.*"},
    {"plans.end", "",
     "They ~~have so much fun that they ~~forget the weather.|Later, the sun ~come out, "
     "but they ~~do not even want to go outside.|They ~~laugh all {day|afternoon}. *I "
     "hope tomorrow is just the same,* ~say $f.|In the evening, the sky ~be clear and "
     "there ~be a rainbow <rainbow>."},
    {"rainbow", "",
     "over the hills|above the roofs|behind the church|over the sea|above the trees|at "
     "the end of the road"},

    /* A race is lost and a friend is won. */
    {"race", "", "<pal><race.start> <race.fast> <race.fall> <race.help> <race.end>"},
    {"race.start", "",
     "<one> $S ~go to a race with $h3 $r $g. The prize ~be a_ <prize>.|<one> $S ~meet $h3 "
     "$r $g. *Let us race to [p=place]$p,* ~say $h. *The winner gets a_ <prize>.*"},
    {"race.fast", "",
     "*I am the fastest of all,* ~say $h, and ~begin to run.|*One, two, three, go!* At "
     "first, $h ~be far ahead.|^$h ~run like <speed>. ^$f ~be far behind."},
    {"speed", "", "the wind|a horse|lightning|an arrow|a train|a rocket|a hare|water downhill"},
    {"race.fall", "",
     "But then $h ~trip over a_ <stumble> and ~hurt $h3 <limb>.|But $h ~do not see a_ "
     "<stumble> on the path. ^$h1 ~fall and ~hurt $h3 <limb>."},
    {"limb", "", "knee|foot|ankle|toe|leg|elbow|nose|back"},
    {"race.help", "",
     "^$f ~can win now. But $f ~stop and ~help $h to stand up.|*Are you all right?* ~ask "
     "$f, and ~stop running.|*Go on and win,* ~say $h. *Not without you,* ~say $f <ly>."},
    {"race.end", "",
     "They ~~cross the line together, and both ~~get a prize.|A_ <small> ~win the prize, "
     "but $h ~do not mind. *I won a friend,* $h1 ~say.|Slowly, they ~~walk to the end, "
     "arm in arm. The <worker> ~give the prize to both of them."},

    /* Somebody new is made welcome. */
    {"newcomer", "", "<new.$q><new.come> <new.ask> <new.play> <new.end>"},
    {"new.kid", "", "[f=palboy][k:boy]|[f=palgirl][k:girl]"},
    {"new.beast", "", "[f=palhebeast][k=palbeast]|[f=palshebeast][k=palbeast]"},
    {"new.come", "",
     "<one> $S ~meet a new $k named $f [p=place]$p1 $p. ^$f ~do not know anyone there and "
     "~sit alone <shade>.|<one> $S ~see somebody <shade>, all alone. It ~be $f, a $k who "
     "~be new in town."},
    {"new.ask", "",
     "*Do you want to play with me?* ~ask $h <ly>. ^$f ~nod.|The others ~~play <game>, "
     "but nobody ~ask $f. So $h ~walk over and ~say, *Come and play with us.*|^$h ~know "
     "how it ~feel to be alone. *Hello, I am $h,* $h1 ~say <ly>."},
    {"new.play", "",
     "They ~~play <game> until {sunset|dinner|dark}, and $f ~win twice.|^$f ~show $h how "
     "to <indoor>.|^$f ~be shy at first, but then $f1 ~teach $h a trick with a_ "
     "<pocketful>."},
    {"new.end", "",
     "*This morning I was so <sad>,* ~say $f. *Now I am <happy>.*|When it ~be time to go, "
     "$f ~shout, *See you tomorrow, $h!*|Now $h and $f ~~meet every <weekday>, and nobody "
     "~be alone."},

    /* A noise in the night. */
    {"night", "", "<night.hear> <night.fear> <night.go> <night.see> <night.end>"},
    {"night.hear", "",
     "{One night|One <weather> night|Late at night}, $S ~cannot sleep. There ~be a "
     "strange [x=noise]$x sound.|In the middle of the night, $S ~wake up. Something ~be "
     "[x=noise]$x!"},
    {"night.fear", "",
     "*Is it a_ <monster>?* ~think $h, and ~pull the blanket over $h3 head.|^$h ~lie very "
     "still. *Maybe it is a_ <monster>,* $h1 ~think.|*<ohno>!* ~whisper $h. *A_ "
     "<monster>!*"},
    {"monster", "", "ghost|dragon|thief|giant|monster|witch|wolf|pirate|troll|snake|robber|goblin"},
    {"night.go", "",
     "^$h1 ~take a_ <light> and ~walk down the dark <corridor>, step by step.|Then $h1 "
     "~get up, ~pick up a_ <light> and ~tiptoe through the <corridor>.|^$h1 ~call $h3 "
     "[m=elder]$m. With a_ <light> they ~~go to look."},
    {"light", "", "lamp|candle|torch|lantern|match|flashlight"},
    {"corridor", "", "hall|house|corridor|passage|kitchen|attic"},
    {"night.see", "",
     "But it ~be only $x1 $x2!|There ~be $x1 $x2, and nothing else.|The light ~fall on "
     "$x1 $x2. (That was;That is) all!"},
    {"night.end", "",
     "^$h ~laugh and ~go back to bed.|*Good night,* ~say $h <ly>, and ~shut the door. The "
     "sound ~be still there, but now it ~be like a song.|^$h ~put out the light and "
     "~sleep until {morning|sunrise|breakfast}."},
    {NULL, NULL, NULL},
};
