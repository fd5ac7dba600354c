/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The words of the story generator: one set an entry, its members separated by '|'. A member may
 * have fields separated by '/' ($x is field 0, $x1 is field 1, ...); the second column of an entry
 * is appended to each of its members, so that all boys share their pronouns. The notation of the
 * members is the one of stories.h.
 */

#include "stories_grammar.h"

const struct story_rule story_words[] = {
    /* Characters: name / he / him / his / himself. */
    {"boy", "/he/him/his/himself",
     "Tom|Ben|Sam|Max|Leo|Jack|Tim|Finn|Noah|Oscar|Luke|Adam|Peter|Henry|Theo|Hugo|Felix|Jonah|"
     "John|Bob|Charlie|James"},
    {"palboy", "/he/him/his/himself",
     "Ravi|Omar|Marco|Simon|David|Eli|Kenji|Milo|Oliver|Daniel|George|Arthur"},
    {"girl", "/she/her/her/herself",
     "Lily|Mia|Anna|Sue|Lucy|Emma|Zoe|Ella|Rosa|Nina|Clara|Sara|Molly|Kate|Alice|Grace|Maya|Ruby|"
     "Mary|Sarah|Amy|Sally"},
    {"palgirl", "/she/her/her/herself",
     "Leila|Amina|Yuki|Priya|Sofia|Hannah|Julia|Nora|Ivy|Eva|Jane|Martha"},
    {"hebeast", "/he/him/his/himself",
     "Pip|Rusty|Bruno|Biscuit|Thistle|Barnaby|Nutkin|Otto|Rufus|Chester"},
    {"palhebeast", "/he/him/his/himself", "Bramble|Digby|Pepper|Jasper|Monty|Walnut"},
    {"shebeast", "/she/her/her/herself",
     "Clover|Hazel|Daisy|Willow|Poppy|Maple|Dot|Olive|Bella|Fern"},
    {"palshebeast", "/she/her/her/herself", "Juniper|Pearl|Luna|Misty|Tilly|Honey"},
    {"beast", "",
     "rabbit|fox|bear|squirrel|hedgehog|badger|otter|deer|mouse|goat|pony|lamb|monkey|elephant|"
     "tiger|panda|cat|dog|horse|cow|lion|wolf"},
    {"palbeast", "", "mole|beaver|raccoon|puppy|kitten|penguin|duck|turtle"},
    {"small", "",
     "bird|duckling|frog|butterfly|sparrow|owl|lizard|robin|hamster|piglet|chick|toad|bat|ladybird|"
     "cricket|gosling"},
    {"hepal", "", "#3 friend|best friend|cousin|brother|neighbour|classmate"},
    {"shepal", "", "#3 friend|best friend|cousin|sister|neighbour|classmate"},
    {"elder", "",
     "#2 mother/she/her/her|#2 "
     "father/he/him/his|granny/she/her/her|grandpa/he/him/his|aunt/she/her/her|uncle/he/him/his"},
    {"worker", "",
     "baker|farmer|teacher|doctor|sailor|painter|gardener|carpenter|tailor|miller|fisherman|"
     "shepherd|blacksmith|librarian|postman|potter|cook|clockmaker|shopkeeper|beekeeper|knight|"
     "queen|king|wizard"},
    {"trait", "",
     "kind|brave|curious|clever|shy|gentle|cheerful|quiet|friendly|careful|lively|loyal|funny|"
     "playful|polite|patient|stubborn|merry|thoughtful|little|young|small|tiny|sleepy|busy|"
     "generous|bold|dreamy|helpful|proud"},

    /* Where. */
    {"home", "/in",
     "a small village|a little town|a green valley|a big city|a cosy cottage|a tall house|"
     "a yellow house by the sea|a house on a hill|a farm near the river/on|a hut at the edge of "
     "the "
     "forest|an old mill|a lighthouse|a quiet street|a castle in the mountains|a cabin by the lake|"
     "a warm country far away|a house with a round door|an island in the south/on"},
    {"place", "",
     "the park/in|the garden/in|the forest/in|the beach/on|the meadow/in|the market/at|the "
     "river/by|the lake/by|the playground/in|the library/in|the farm/on|the old bridge/on|the "
     "harbour/at|the orchard/in|the bakery/in|the museum/in|the station/at|the pond/by|the school/"
     "at|the hill/on|the barn/in|the zoo/at|the square/in|the castle/at|the fair/at|the field/in"},
    {"spot", "",
     "under the bed|in the kitchen|under the stairs|behind the curtain|behind the fence|on the "
     "balcony|behind the barn|inside a boot|on the roof|under the porch|in the drawer"},
    {"spot2", "",
     "behind the door|behind the sofa|in the cupboard|in the garden shed|next to the well|near the "
     "gate|in the basket|in the wardrobe|in the cellar|between two rocks|beside the mailbox"},
    {"spot3", "",
     "under the table|in the attic|on the shelf|under the old oak tree|in the tall grass|under the "
     "bench|beside the fireplace|under a pillow|in the laundry|inside a hollow log"},
    {"shade", "",
     "under a tree|on a bench|on a flat stone|by the water|on the steps|on a soft hill of moss|on "
     "the grass|beside a fountain|on a fallen log|in the sunshine|near a wall|on a haystack"},
    {"wild", "",
     "the dark woods/among the trees|the thick fog/in the mist|the high mountains/on a cliff|the "
     "deep snow/in the cold|the wide desert/among the dunes|the swamp/in the mud|the tall corn/"
     "between the stalks|the caves/in the gloom|the crowded town/among the strangers|the jungle/"
     "among the vines"},
    {"shown", "",
     "on the table|on the shelf|by the window|over the fireplace|next to the clock|on the piano|"
     "beside the mirror|above the door|on the wall"},
    {"yard", "",
     "by the fence|beside the path|behind the house|near the kitchen window|under the apple tree|"
     "next to the shed|in the middle of the garden|in a sunny corner|along the wall|in a clay pot"},

    /* Things. */
    {"toy", "",
     "ball|kite|teddy "
     "bear|train|puppet|yo-yo|trumpet|book|rocket|cap|bell|map|notebook|bracelet|marble|umbrella|"
     "racket|mask|violin|ribbon|telescope"},
    {"toy2", "",
     "doll|drum|boat|whistle|robot|wagon|balloon|hat|hoop|magnet|flute|lantern|necklace|compass|"
     "backpack|ring|crown|guitar|spinning top|paintbrush"},
    {"look", "",
     "red|blue|green|yellow|purple|orange|pink|white|black|brown|golden|silver|grey|striped|"
     "spotted|shiny|wooden|soft|tiny|bright|round|old|fancy|smooth|fuzzy|plain|woollen|rainbow|"
     "velvet|pretty|speckled|glittering|painted|huge"},
    {"junk", "",
     "sock|spider|leaf|nail|broken plate|dusty shoe|bottle|coin|paper bag|rope|stone|sleepy cat|"
     "candle|bucket|broom|newspaper|brick|hammer|pinecone|jar|glove|cobweb|beetle|envelope"},
    {"tool", "", "hammer|crowbar|chisel|poker|screwdriver|pair of pliers|wrench|hatchet"},
    {"pocketful", "",
     "button|leaf|nail|piece of "
     "string|stone|pencil|marble|feather|ticket|handkerchief|shell|acorn"},
    {"stumble", "", "root|rope|stone|bottle|bucket|broom|brick|log|shoe|branch|cat|hose"},
    {"food", "",
     "apple|pear|sandwich|honey cake|carrot|muffin|pancake|peach|banana|cookie|bun|slice of "
     "bread|piece of cheese|plum|waffle|sausage|biscuit|cherry "
     "tart|pie|orange|pretzel|dumpling|melon"},
    {"drink", "", "milk|tea|cocoa|apple juice|lemonade|cold water|ginger tea|orange juice"},
    {"skill", "",
     "swim/pond/like a fish|fly/meadow/like a bird|jump/hill/like a frog|run/field/like the "
     "wind|skate/frozen lake/like a dancer|climb/cliff/like a goat|juggle/circus/like a "
     "clown|dance/hall/like a leaf in the wind|ride/stable/like a knight|dive/harbour/like a "
     "seal|ski/snowy hill/like a champion"},
    {"veg", "",
     "pumpkin/pumpkins/soup|carrot/carrots/stew|sunflower/sunflowers/oil|bean/beans/soup|tomato/"
     "tomatoes/sauce|strawberry/strawberries/jam|potato/potatoes/pie|cabbage/cabbages/salad|onion/"
     "onions/soup|pea/peas/soup|melon/melons/juice|cucumber/cucumbers/salad|radish/radishes/salad|"
     "turnip/turnips/stew|raspberry/raspberries/jam|lettuce/lettuces/salad|garlic plant/garlic "
     "plants/bread|beet/beets/soup|apple tree/apples/cider|cherry tree/cherries/pie"},
    {"gem", "",
     "bag of gold coins/coins|heap of old letters/letters|pair of silver rings/rings|roll of star "
     "maps/maps|set of tiny crowns/crowns|bundle of photographs/photographs|handful of magic "
     "seeds/seeds|pair of glass birds/birds|stack of song books/books|string of pearls/pearls|pile "
     "of rubies/rubies"},
    {"chest", "",
     "box|chest|bottle|trunk|suitcase|tin|barrel|clay jar|leather bag|iron pot|crate|casket"},
    {"fragile", "",
     "vase|teapot|mirror|lamp|clock|plate|flowerpot|picture frame|statue|glass "
     "bowl|jug|radio|mug|sugar bowl"},
    {"prize", "",
     "medal|ribbon|silver cup|big cake|basket of fruit|golden star|new book|box of paints|pair of "
     "boots|free ride on the train"},
    {"craft", "",
     "necklace/shells/string|card/paper/paint|basket/straw/ribbon|lamp/glass/wire|crown/flowers/"
     "leaves|pillow/cloth/feathers|picture/sand/glue|bowl/clay/pebbles|bracelet/beads/thread|"
     "puppet/wool/buttons|birdhouse/wood/nails|bookmark/leather/yarn|scarf/wool/patience|candle/"
     "wax/cotton"},
    {"instrument", "", "drum|flute|trumpet|violin|guitar|piano|bell|whistle|harp|banjo"},

    /* Plans. */
    {"hobby", "",
     "climb trees|sing songs|count the clouds|read stories|swim in the lake|bake bread|build "
     "towers|fly kites|run barefoot|plant flowers|jump in puddles|pick berries|skip stones|solve "
     "riddles|roll down the hill|explore caves|feed the ducks|listen to the radio|knit|visit the "
     "harbour"},
    {"hobby2", "",
     "paint pictures|dance in the rain|collect shells|ride a bicycle|play the flute|watch the "
     "birds|chase butterflies|draw maps|look at the stars|tell jokes|play chess|catch "
     "raindrops|fish in the stream|whistle|learn new words|play hide-and-seek|make paper boats|dig "
     "holes|write poems|watch the trains"},
    {"game", "",
     "tag|hide-and-seek|football|marbles|chess|hopscotch|catch|cards|leapfrog|tug of war|dominoes|"
     "tennis|basketball|pirates|ludo|skittles"},
    {"outdoor", "",
     "have a picnic|fly a kite|pick apples|sail a boat|ride a pony|hunt for mushrooms|camp in a "
     "tent|race snails|pick daisies|catch crabs|roast chestnuts|play football|row across the lake|"
     "watch the parade"},
    {"indoor", "",
     "build a fort out of blankets|bake cookies|tell funny stories|paint the windows|play cards|"
     "make shadow puppets|put on a play|sew a costume|fold paper birds|read an old book|sing loud "
     "songs|invent a new game|draw a giant dragon|stack cups into a tower"},
    {"storm", "",
     "it ~begin to rain/the rain/wet|it ~begin to snow/the snow/cold|a strong wind ~begin to "
     "blow/the wind/windy|dark clouds ~~cover the sky/the storm/dark|it ~begin to hail/the "
     "hail/icy|a thick fog ~roll in/the fog/foggy|thunder ~rumble over the hills/the thunder/loud"},
    {"fear", "",
     "the dark/lamp/The dark is only the day asleep|thunder/drum/Thunder is only the clouds "
     "dancing|deep water/float/Water will carry you if you are calm|high places/rope/Look at the "
     "sky and not at the ground|spiders/magnifying glass/A spider is only a very small weaver|"
     "ghosts/candle/A ghost is only a shadow without a friend|big dogs/bone/A dog only wants "
     "someone to play with|loud noises/pair of earmuffs/A noise is only air in a hurry|bees/flower/"
     "A bee is too busy to bother you|the stage/silly hat/Everyone out there is on your side|the "
     "dentist/picture book/It only takes as long as a song|the cellar/bell/The cellar is only a "
     "room that misses the sun|strangers/cookie/A stranger is only a friend you have not met|"
     "getting lost/whistle/If you stay in one place I will always find you"},
    {"noise", "",
     "tapping/a branch/on the window|scratching/a mouse/in the wall|whistling/the wind/in the "
     "chimney|dripping/the tap/in the kitchen|rattling/a loose tile/on the roof|snoring/the "
     "dog/under "
     "the bed|humming/a moth/around the lamp|ticking/an old clock/in the hall|creaking/a door/in "
     "the "
     "draught|thumping/a hedgehog/in a paper box|splashing/a frog/in the bucket|rustling/a bird/in "
     "the leaves"},
    {"trap", "",
     "thorny bush/pair of shears/cut the branches|deep hole/ladder/climb down|fishing "
     "net/knife/cut the "
     "strings|muddy ditch/plank/build a bridge|hollow tree/saw/make the hole wider|broken fence/"
     "hammer/pull out the nails|rusty cage/key/open the lock|dry well/rope/reach the bottom|frozen "
     "puddle/kettle/melt the ice|spider web/feather/brush the web away|drain pipe/screwdriver/take "
     "the pipe apart|pile of stones/shovel/dig a tunnel"},
    {"dish", "", "cake|pie|soup|stew|salad|pudding|pizza|omelette|curry|trifle"},
    {"ingr", "", "flour|sugar|salt|nuts|cinnamon|rice|raisins|oats|chocolate"},
    {"ingr2", "", "butter|milk|honey|eggs|cream|yeast|vanilla|lemons"},
    {"ingr3", "", "berries|cheese|pepper|onions|tomatoes|garlic|mint|beans|mushrooms"},
    {"other", "", "vinegar|nails|string|pepper|chalk|sand|glue|beans"},
    {"yuck", "",
     "terrible|strange|awful|like soap|like cardboard|bitter|like old socks|much too dry|horrible|"
     "like sand|sour|like chalk"},
    {"yum", "",
     "wonderful|delicious|perfect|sweet and warm|like a summer day|better than ever|amazing|just "
     "right|tasty|like a dream|magnificent|heavenly"},
    {"build", "",
     "tree house/planks/in a big oak|raft/logs/on the river|snowman/snow/in the yard|sandcastle/"
     "sand/on the beach|bridge/stones/over the stream|kite/paper/in the barn|tent/sheets/on the "
     "lawn|swing/ropes/in the orchard|rabbit hutch/boards/behind the house|wagon/wheels/in the "
     "garage|tower/bricks/in the courtyard|windmill/sticks/on the hill|igloo/ice/by the lake|"
     "scarecrow/straw/in the field"},
    {"weak", "",
     "the wind ~blow|the rain ~fall|a dog ~jump on it|the ground ~shake|a bird ~land on it|$f "
     "~sneeze|"
     "the sun ~grow hot|a goat ~lean on it"},
    {"fix", "",
     "glue|rope|mud|clay|nails|string|wire|tape|wet leaves|thick branches|heavy stones|iron bars"},
    {"mend", "", "glue|string|wire|tape|clay|putty|resin|a little patience"},
    {"errand", "", "bread|butter|thread|rice|honey|carrots|matches|needles|soap|salt"},
    {"errand2", "", "eggs|cheese|candles|tea|flour|lamp oil|apples|stamps|milk|wool|ink"},
    {"cure", "",
     "hot soup|a warm blanket|a funny book|warm milk and honey|chicken broth|a new puzzle"},
    {"cure2", "",
     "ginger tea|fresh flowers|a bowl of berries|a soft pillow|a basket of oranges|a song on the "
     "flute"},
    {"ill", "",
     "a bad cold|a fever|a sore throat|a broken leg|a headache|a tummy ache|a bad cough|a "
     "toothache|"
     "a twisted ankle|the flu"},

    /* When and how. */
    {"weather", "",
     "sunny|rainy|windy|cold|warm|bright|cloudy|snowy|misty|hot|fine|chilly|frosty|golden|lovely|"
     "quiet"},
    {"part", "", "#2 day|morning|afternoon"},
    {"season", "", "spring|summer|autumn|winter"},
    {"weekday", "", "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"},
    {"number", "", "two|three|four|five|six|seven|eight|nine|ten|twelve|twenty"},
    {"softly", "",
     "softly|gently|kindly|quietly|happily|cheerfully|calmly|proudly|warmly|brightly|slowly|"
     "politely|shyly|bravely|eagerly|firmly|wisely|sweetly"},
    {"sadly", "",
     "softly|quietly|slowly|sadly|shyly|in a low voice|with a sigh|with tears in $h3 eyes"},
    {"sad", "", "sad|upset|worried|unhappy|gloomy|lonely|miserable|sorry|helpless|nervous"},
    {"happy", "",
     "happy|glad|delighted|joyful|cheerful|pleased|thankful|excited|thrilled|relieved|grateful|"
     "merry|overjoyed"},
    {"wow", "",
     "Hooray|Wow|Hurrah|Look|Goodness|Yes|Wonderful|Marvellous|Fantastic|Amazing|Splendid|Oh my"},
    {"clothes", "",
     "coat|jumper|apron|waistcoat|raincoat|cape|shirt|pair of mittens|pair of boots|straw hat|bow "
     "tie|"
     "pair of glasses|woolly hat|belt|shawl|pair of sandals"},
    {"simile", "",
     "quick as a hare|strong as a horse|quiet as a mouse|wise as an owl|busy as a bee|happy as a "
     "lark|"
     "stubborn as a mule|light as a feather|free as a bird|gentle as a lamb|proud as a peacock|sly "
     "as a "
     "fox"},
    {"pet", "",
     "goose|snail|parrot|grey cat|young dog|white hen|tame crow|fat "
     "caterpillar|dragonfly|donkey|ferret|pigeon"},
    {"scent", "", "fresh bread|rain|roses|salt|hay|smoke|oranges|pine|lavender|coffee|soap|snow"},
    {"skything", "", "clouds|swallows|kites|colours|seagulls|geese|light|leaves"},
    {"ohno", "", "Oh no|Oh dear|Help|Alas|What a pity|Bother|Goodness me|Not again"},
    {NULL, NULL, NULL},
};
