/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The frame of every story: who it is about, what is said of them, how it ends. Letters that hold
 * for the whole story: h hero, s what the hero is, q "kid" or "beast", S the hero as the plot's
 * first sentence says it, w the home, f friend, r the friend's relation, g the friend's name when
 * first met, m an elder. A word that is not said again is not bound. The notation is explained in
 * stories.h.
 */

#include "stories_grammar.h"

const struct story_rule story_frame[] = {
    {"story", "",
     "#9 [!past]<who>[S:$h]<hail> <open.past> <detail> <plot>|#2 "
     "[!past]<who>[S:<newhero>]<hail> <plot>|#3 "
     "[!present]<who>[S:$h]<hail> <open.present> <detail> <plot>"},
    {"who", "",
     "#3 [h=boy][s:boy][q:kid]|#3 [h=girl][s:girl][q:kid]|#2 "
     "[h=hebeast][s=beast][q:beast]|#2 [h=shebeast][s=beast][q:beast]"},
    {"newhero", "", "a_ <trait> $s named $h|a_ $s named $h, who ~love to <hobby>,"},
    {"pal", "", "<pal.$q>"},
    {"pal.kid", "", "[f=palboy][r=hepal][g:$f]|[f=palgirl][r=shepal][g:$f]"},
    {"pal.beast", "",
     "[f=palhebeast][k=palbeast][r:friend][g:$f the "
     "$k]|[f=palshebeast][k=palbeast][r:friend][g:$f the $k]"},
    {"about", "",
     "#2 ^$h1 ~love to <hobby>.|^$h1 ~like to <hobby> and <hobby2>.|Every "
     "{morning|evening}, $h1 ~like to <hobby>.|Most of all, $h1 ~like to <hobby>.|When "
     "the sun ~shine, $h1 ~love to <hobby>.|^$h1 ~have <number> "
     "{brothers|sisters|cousins} and ~love to <hobby>.|In <season>, $h1 ~love to <hobby>."},
    {"about2", "",
     "^$h1 lived [w=home]$w1 $w.|^$h1 also liked to <hobby2>.|^$h1 had <number> "
     "{brothers|sisters|cousins}."},
    {"detail", "",
     "#5|^$h1 always ~wear a_ <look> <clothes>.|^$h3 favourite food ~be <ingr>.|^$h1 "
     "~dream of becoming a_ <worker> one day.|^$h1 ~be as <simile>.|^$h1 ~have a_ <pet> "
     "that ~follow $h2 everywhere."},
    {"scene", "",
     "the sun ~be high|the air ~smell of <scent>|the birds ~~be singing|the wind ~be "
     "still|the streets ~~be empty|the bells ~~be ringing|the grass ~be wet|everybody ~be "
     "busy|nobody ~be at home|the sky ~be full of <skything>"},
    {"one", "",
     "(#3 One <part>,|#2 One <part>, when <scene>,|One <weather> <part>,|On a_ <weather> "
     "<part>,|One <weekday>,|One day in <season>,;#2 Today,|Today, while <scene>,|This "
     "{morning|afternoon},|On this <weather> <part>,|It is <weekday>, and)"},
    {"ly", "", "#2|<softly>"},
    {"lyshy", "", "#3|softly|quietly|shyly|in a low voice|with a sigh"},
    {"lysad", "", "#2|<sadly>"},

    /* Endings. close.* may use only what every plot has: the hero (and home and trait if told). */
    {"close", "",
     "#2 It (had been;has been) a {good|long|wonderful|strange|busy|lucky} day.|"
     "That night, $h ~fall asleep with a smile.|"
     "And $h never ~forget that <part>.|"
     "When the {moon ~come|stars ~~come} out, $h ~be still smiling.|"
     "That evening, $h ~tell the whole family about it.|"
     "#4 <lesson>"},
    {"close.out", "", "^$h ~go home with a {light|happy|full} heart.|#4 <close>"},
    {"close.night", "",
     "In the morning, $h ~tell everyone about the {noise|sound}.|And $h never ~forget that "
     "night.|#2 "
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
