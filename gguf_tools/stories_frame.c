/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The frame of every story: who it is about, how it opens, how it ends. Letters that hold for the
 * whole story: h hero, s what the hero is, q "kid" or "beast", t the hero's trait, w the home,
 * f friend, r the friend's relation, g the friend's name when first met, m an elder. The notation
 * is explained in stories.h.
 */

#include "stories_grammar.h"

const struct story_rule story_frame[] = {
    {"story", "",
     "#3 [!past]<who><open.past> <detail> <plot>|#1 [!present]<who><open.present> <detail> <plot>"},
    {"who", "",
     "#3 [h=boy][s:boy][q:kid]|#3 [h=girl][s:girl][q:kid]|#2 [h=hebeast][s=beast][q:beast]|"
     "#2 [h=shebeast][s=beast][q:beast]"},
    {"pal", "", "<pal.$q>"},
    {"pal.kid", "", "[f=palboy][r=hepal][g:$f]|[f=palgirl][r=shepal][g:$f]"},
    {"pal.beast", "",
     "[f=palhebeast][k=beast][r:friend][g:$f the $k]|[f=palshebeast][k=beast][r:friend][g:$f the "
     "$k]"},

    {"open.past", "",
     "#6 Once upon a time, there was a_ [t=trait]$t $s named $h. <about>|"
     "#2 Once upon a time, a_ [t=trait]$t $s named $h lived [w=home]$w1 $w. <about>|"
     "#1 Once upon a time, [w=home]$w1 $w, there lived a_ $s named $h. <about>|"
     "#1 There once was a_ [t=trait]$t $s named $h. <about>|"
     "#1 Long ago, [w=home]$w1 $w, there lived a_ [t=trait]$t $s. ^$h3 name was $h. <about>|"
     "#1 $h was a_ [t=trait]$t $s. <about>|"
     "#1 $h was a_ $s who lived [w=home]$w1 $w. <about>|"
     "#1 ^[w=home]$w1 $w lived a_ [t=trait]$t $s named $h. <about>|"
     "#1 This is the story of $h, a_ [t=trait]$t $s. <about>|"
     "#1 A_ [t=trait]$t $s named $h lived with $h3 family [w=home]$w1 $w. <about>"},
    {"open.present", "",
     "#2 $h is a_ [t=trait]$t $s. <about>|"
     "#1 $h is a_ $s who lives [w=home]$w1 $w. <about>|"
     "#1 This is the story of $h, a_ [t=trait]$t $s who lives [w=home]$w1 $w. <about>|"
     "#1 ^[w=home]$w1 $w lives a_ [t=trait]$t $s named $h. <about>|"
     "#1 There is a_ [t=trait]$t $s named $h. <about>|"
     "#1 Meet $h, a_ [t=trait]$t $s. <about>"},
    {"about", "",
     "#2 ^$h1 ~love to [H=hobby]$H.|^$h1 ~like to [H=hobby]$H and [I=hobby2]$I.|"
     "Every {morning|evening}, $h1 ~like to [H=hobby]$H.|Most of all, $h1 ~like to [H=hobby]$H.|"
     "When the sun ~shine, $h1 ~love to [H=hobby]$H.|"
     "^$h1 ~have [N=number]$N {brothers|sisters|cousins} and ~love to [H=hobby]$H.|"
     "In [N=season]$N, $h1 ~love to [H=hobby]$H."},
    {"detail", "",
     "#5 |^$h1 always ~wear a_ [L=look]$L [G=clothes]$G.|^$h3 favourite food ~be [G=ingr]$G.|^$h1 "
     "~dream of becoming a_ [G=worker]$G one day.|^$h1 ~be as [G=simile]$G.|^$h1 ~have a_ "
     "[G=pet]$G "
     "that ~follow $h2 everywhere."},
    {"scene", "",
     "the sun ~be high|the air ~smell of [G=scent]$G|the birds ~~be singing|the wind ~be still|the "
     "streets ~~be empty|the bells ~~be ringing|the grass ~be wet|everybody ~be busy|nobody ~be at "
     "home|the "
     "sky ~be full of [G=skything]$G"},

    {"one", "",
     "(#3 One [D=part]$D,|#2 One [D=part]$D, when <scene>,|One [W=weather]$W [D=part]$D,|On a_ "
     "[W=weather]$W [D=part]$D,|"
     "One [D=weekday]$D,|One day in [D=season]$D,;"
     "#2 Today,|Today, while <scene>,|This {morning|afternoon},|On this [W=weather]$W "
     "[D=part]$D,|It is [D=weekday]$D, "
     "and)"},
    {"pick", "", "[m=elder]"},
    {"ly", "", "#2 |[A=softly]$A"},
    {"lysad", "", "#2 |[A=sadly]$A"},

    /* Endings. close.* may use only what every plot has: the hero (and home and trait if told). */
    {"close", "",
     "#2 It (had been;has been) a {good|long|wonderful|strange|busy|lucky} day.|"
     "That night, $h ~fall asleep with a smile.|"
     "And $h never ~forget that [X=part]$X.|"
     "When the {moon|stars} ~~come out, $h ~be still smiling.|"
     "That evening, $h ~tell the whole family about it.|"
     "#4 <lesson>"},
    {"close.out", "", "^$h ~go home with a {light|happy|full} heart.|#4 <close>"},
    {"close.night", "",
     "In the morning, $h ~tell everyone about $x1 $x2.|And $h never ~forget that night.|#2 "
     "<lesson>"},
    {"close.long", "",
     "#2 <lesson>|And $h never ~forget it.|^$h ~tell this story to everyone who ~want to hear it."},
    {"lesson", "", "^$h (had learned;has learned) that <lesson.$Q>."},
    {"lesson.lost", "",
     "small things need care|two pairs of eyes see more than one|it is good to ask for help|it is "
     "best "
     "to stay calm"},
    {"lesson.share", "",
     "kindness comes back|half a meal with a friend is more than a whole one alone|nobody is too "
     "small to "
     "help"},
    {"lesson.rescue", "",
     "the right tool is worth more than strong arms|it is wise to call for help|every life "
     "matters"},
    {"lesson.truth", "",
     "the truth is lighter than a lie|honest words mend more than they break|it is better to tell "
     "the "
     "truth at once"},
    {"lesson.treasure", "",
     "old things have stories to tell|not every treasure is made of gold|it is good to look twice"},
    {"lesson.trade", "",
     "the best toys are the ones we know well|new things are not always better|sharing is better "
     "than "
     "trading"},
    {"lesson.building", "",
     "what falls down can be built again|strong things take time|two heads are better than one"},
    {"lesson.market", "",
     "a good list is better than a good song|it is wise to do one thing at a time|words are easy "
     "to lose"},
    {"lesson.bake", "",
     "every part counts|a mistake is a good teacher|a cook must taste before the guests do"},
    {"lesson.gift", "",
     "the best presents cannot be bought|love is in the making|nothing has to be perfect"},
    {"lesson.afraid", "",
     "being brave means trying in spite of fear|fear grows small when it is shared|one small step "
     "is "
     "enough to begin"},
    {"lesson.garden", "",
     "good things need time|much can happen where nobody looks|patience is a kind of work"},
    {"lesson.plans", "",
     "a bad day can turn into a good one|there is no bad weather for friends|a new plan can be "
     "better than "
     "the old one"},
    {"lesson.race", "",
     "a friend is worth more than a prize|winning is not everything|nobody runs well alone"},
    {"lesson.newcomer", "",
     "one kind word is enough to begin|every friend was a stranger once|there is always room for "
     "one more"},
    {"lesson.night", "",
     "most monsters are very small|it is better to look than to guess|a little light is enough"},
    {"lesson.sick", "",
     "a visit is the best medicine|care is never wasted|good friends come when days are bad"},
    {"lesson.learn", "",
     "everyone begins with a fall|practice is stronger than luck|every day brings you a little "
     "further"},
    {"lesson.job", "",
     "what we earn feels better than what we get|work can be fun|a wish needs two hands"},
    {NULL, NULL, NULL},
};
