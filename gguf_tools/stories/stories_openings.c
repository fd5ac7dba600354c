/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * How stories begin: at times a word to whoever listens (hail), then the hero (open.*). Many ways,
 * since what a prompt may begin with is what some story begins with. The notation is explained in
 * stories.h, the letters in stories_frame.c.
 */

#include "stories_grammar.h"

const struct story_rule story_openings[] = {
    {"hail", "", "#8|#2 <hail.word>|#2 <hail.story>|<hail.you>"},
    {"hail.word", "",
     "#3 Hello!|#2 Hello, {children|friends|everyone|my friend|dear reader}!|Hi!|Hi there!|Hey!|"
     "Good {morning|evening|day}!|Welcome!|Listen!|Look!|Hush!|Come in!|Come and listen!|Sit down!|"
     "Please sit down.|Please listen!|Well, well!|Oh, hello!|Yes, come closer!|Once more, hello!|"
     "Thank you for coming.|Are you ready?|Now listen!"},
    {"hail.story", "",
     "Here is a story {for you|about $h}.|I know a story about $h.|I {will|want to} tell you "
     "{a story|about $h}.|I am {going to tell you|thinking of} a story.|I am old, but I remember "
     "this story well.|I have a story for you.|Let me tell you {a story|about $h}.|Let us "
     "begin.|This is a {true|short|happy|funny} story.|That is a story I love.|My "
     "{granny|grandpa|mother|father|aunt|uncle|teacher} told me this story.|My name is "
     "{Alex|Kim|Sasha|Jo}, and I know {a story|this story} well.|I am "
     "{Alex|Kim|Sasha|Jo}, and this is a story that I know.|It is time for a "
     "story.|Today, I will tell you a story.|Yesterday, I heard a story.|Every good story begins "
     "with a friend.|Some stories are true.|All children love stories.|People still talk about "
     "$h.|They say that this story is true.|No, this is not a sad story.|Yes, this is a true "
     "story.|There are many stories about $h.|We all love a good story.|At last, it is time for a "
     "story.|Not every story begins with a king.|Now it is time for a story."},
    {"hail.you", "",
     "Do you {know|remember|like} $h?|Do you want to hear a story?|Have you heard of $h?|Did you "
     "know $h?|You will like this story.|You know this story.|If you like stories, you will like "
     "this one.|Can you keep a secret?|Would you like a story?|Will you listen to a story?|Why are "
     "you sad? A story will help.|Why do we tell stories? Because we love them.|How are you today? "
     "Here is a story.|What a {lovely|sunny|rainy|cold} day for a story!|What is a story without a "
     "hero?|Is it late? There is still time for a story.|Where were we? Oh yes, the story.|Who "
     "wants to hear a story?|When it rains, it is time for a story."},

    {"open.past", "",
     "#12 Once upon a time, there was a_ <trait> $s named $h. <about>|"
     "#4 Once upon a time, a_ <trait> $s named $h lived [w=home]$w1 $w. <about>|"
     "#2 Once upon a time, [w=home]$w1 $w, there lived a_ $s named $h. <about>|"
     "There once was a_ <trait> $s named $h. <about>|"
     "There was once a_ <trait> $s named $h. <about>|"
     "There lived a_ <trait> $s [w=home]$w1 $w. ^$h3 name was $h. <about>|"
     "{Long|Many years|A long time} ago, there was a_ <trait> $s named $h. <about>|"
     "#2 Long ago, [w=home]$w1 $w, there lived a_ <trait> $s. ^$h3 name was $h. <about>|"
     "Once there was a_ <trait> $s named $h. <about>|"
     "^[w=home]$w1 $w lived a_ <trait> $s named $h. <about>|"
     "Far away, [w=home]$w1 $w, lived a_ <trait> $s named $h. <about>|"
     "Deep in the {forest|woods|valley}, there lived a_ <trait> $s named $h. <about>|"
     "#2 $h was a_ <trait> $s. <about>|"
     "#2 $h was a_ $s who lived [w=home]$w1 $w. <about>|"
     "$h and $h3 {family|parents|granny|grandpa|mother|father|cousins} lived [w=home]$w1 $w. $h "
     "was a_ <trait> $s. <about>|"
     "$h lived [w=home]$w1 $w. ^$h1 was a_ <trait> $s. <about>|"
     "$h loved to <hobby>. ^$h1 was a_ <trait> $s. <about2>|"
     "#2 A_ <trait> $s named $h lived with $h3 family [w=home]$w1 $w. <about>|"
     "#2 A_ $s named $h loved to <hobby>. <about2>|"
     "A_ {<trait> |}$s lived [w=home]$w1 $w. ^$h3 name was $h. <about>|"
     "A_ $s was {walking|playing} in the {garden|forest|park|meadow}. ^$h3 name was $h. <about>|"
     "#2 The <worker> knew a_ <trait> $s named $h. <about>|"
     "#2 The <trait> $s $h lived [w=home]$w1 $w. <about>|"
     "#2 The $s was called $h. <about>|"
     "#2 The $s lived [w=home]$w1 $w. ^$h3 name was $h. <about>|"
     "The $s in this story was a_ <trait> one. ^$h3 name was $h. <about>|"
     "The $s sat <shade>. ^$h3 name was $h. <about>|"
     "^$h1 was a_ <trait> $s, and $h3 name was $h. <about>|"
     "^$h1 lived [w=home]$w1 $w. ^$h3 name was $h, and $h1 was a_ <trait> $s. <about>|"
     "^$h3 name was $h. ^$h1 was a_ <trait> $s. <about>|"
     "It was a_ <weather> <part> [w=home]$w1 $w. A_ <trait> $s named $h lived there. <about>|"
     "It was <season>. $h, a_ <trait> $s, lived [w=home]$w1 $w. <about>|"
     "In the {morning|evening|afternoon}, a_ <trait> $s named $h liked to <hobby>. <about2>|"
     "In <season>, a_ <trait> $s named $h liked to <hobby>. <about2>|"
     "Every {morning|evening|<weekday>}, a_ $s named $h liked to <hobby>. <about2>|"
     "When the $s $h was {little|small|young}, $h1 lived [w=home]$w1 $w. <about>|"
     "Yesterday, I {heard|read} about $h, a_ <trait> $s. <about>|"
     "I once {knew|met} a_ <trait> $s named $h. <about>|"
     "I remember $h well. ^$h1 was a_ <trait> $s. <about>|"
     "My {friend|neighbour|cousin} $h was a_ <trait> $s. <about>|"
     "My best friend was a_ <trait> $s named $h. <about>|"
     "We all {knew|loved} $h. ^$h1 was a_ <trait> $s. <about>|"
     "Everybody {knew|loved} $h, the <trait> $s. <about>|"
     "They called $h the <trait> $s. <about>|"
     "You would have liked $h. ^$h1 was a_ <trait> $s. <about>|"
     "Who was $h? ^$h1 was a_ <trait> $s. <about>|"
     "Where did the $s $h live? ^$h1 lived [w=home]$w1 $w. <about>|"
     "What did the $s $h love? ^$h1 loved to <hobby>. <about2>|"
     "Why did everybody {like|love} $h? Because $h1 was a_ <trait> $s. <about>|"
     "This is the story of $h, a_ <trait> $s. <about>|"
     "This story is about $h, a_ <trait> $s. <about>|"
     "*{Hello, my name is|Hello! I am|I am|My name is} $h,* said a_ <trait> $s. <about>"},

    {"open.present", "",
     "#3 $h is a_ <trait> $s. <about>|"
     "#2 $h is a_ $s who lives [w=home]$w1 $w. <about>|"
     "$h and $h3 {family|parents|granny|grandpa|mother|father|cousins} live [w=home]$w1 $w. $h "
     "is a_ <trait> $s. <about>|"
     "#2 This is the story of $h, a_ <trait> $s who lives [w=home]$w1 $w. <about>|"
     "This is $h, a_ <trait> $s. <about>|"
     "^[w=home]$w1 $w lives a_ <trait> $s named $h. <about>|"
     "#2 There is a_ <trait> $s named $h. <about>|"
     "#2 Meet $h, a_ <trait> $s. <about>|"
     "A_ <trait> $s lives [w=home]$w1 $w. ^$h3 name is $h. <about>|"
     "The <trait> $s $h lives [w=home]$w1 $w. <about>|"
     "The $s is called $h. <about>|"
     "^$h1 is a_ <trait> $s, and $h3 name is $h. <about>|"
     "^$h3 name is $h. ^$h1 is a_ <trait> $s. <about>|"
     "It is a_ <weather> <part>. $h, a_ <trait> $s, is at home. <about>|"
     "I know a_ <trait> $s named $h. <about>|"
     "I am {happy|glad} to know $h, a_ <trait> $s. <about>|"
     "My {friend|neighbour|cousin} $h is a_ <trait> $s. <about>|"
     "You will like $h. ^$h1 is a_ <trait> $s. <about>|"
     "Everybody {knows|loves} $h, the <trait> $s. <about>|"
     "Who is $h? ^$h1 is a_ <trait> $s. <about>|"
     "Look at $h, the <trait> $s! <about>"},
    {NULL, NULL, NULL},
};
