package village

import "time"

// The residents, by their place in Residents.
const (
	ruth = iota
	daniel
	leila
	sam
)

// scene is a picture to be generated, with what it shows for who cannot see it.
type scene struct {
	motif string
	seed  uint64
	alt   string
	wide  bool // landscape; otherwise portrait
}

// act is something that somebody does.
type act struct {
	who    int
	ago    time.Duration
	post   string // text of a post, named by name
	club   bool   // it is for the garden club; otherwise for friends
	name   string // of the post that this is, or that it is about
	photos []scene
	say    string // a comment on name
	emoji  string // a reaction to name
}

const (
	day    = 24 * time.Hour
	hour   = time.Hour
	minute = time.Minute
)

// script is the village's past, oldest first.
var script = []act{
	{who: ruth, ago: 6*day + 3*hour, name: "tomatoes", post: "The first tomatoes! Only four weeks late, and the blackbird had the very first one. The rest is ours.",
		photos: []scene{{motif: "garden", seed: 5, alt: "Ruth's garden in full flower, late in the afternoon", wide: true}}},
	{who: daniel, ago: 6*day + 2*hour, name: "tomatoes", say: "Save some for Sunday, I'll bring the bread."},
	{who: leila, ago: 6*day + 1*hour, name: "tomatoes", emoji: "😍"},
	{who: sam, ago: 6 * day, name: "tomatoes", say: "The blackbird has excellent taste. Tell it I said so."},
	{who: daniel, ago: 6 * day, name: "tomatoes", emoji: "❤️"},

	{who: sam, ago: 5*day + 9*hour, name: "lake", post: "Five in the morning, nobody out but me and one very sceptical heron.",
		photos: []scene{
			{motif: "lake", seed: 3, alt: "The lake before sunrise, quite still, with the moon over it", wide: true},
			{motif: "boats", seed: 8, alt: "Two sailing boats far out on calm water", wide: true},
		}},
	{who: leila, ago: 5*day + 8*hour, name: "lake", say: "I was on the other shore, swimming! I thought the sail was a swan."},
	{who: sam, ago: 5*day + 8*hour - 5*minute, name: "lake", say: "The boat is flattered. I'm keeping that."},
	{who: ruth, ago: 5*day + 6*hour, name: "lake", emoji: "😮"},
	{who: daniel, ago: 5*day + 5*hour, name: "lake", emoji: "❤️"},
	{who: leila, ago: 5*day + 8*hour, name: "lake", emoji: "😂"},

	{who: ruth, ago: 4*day + 9*hour, name: "swap", club: true, post: "Seed swap on Thursday, my kitchen, seven o'clock. I have runner beans for all of us, and for half of the county.",
		photos: []scene{{motif: "garden", seed: 14, alt: "Ruth's bean rows, already up to the strings", wide: true}}},
	{who: sam, ago: 4*day + 8*hour, name: "swap", say: "I bring sea kale. It tastes of victory and sand."},
	{who: daniel, ago: 4*day + 8*hour, name: "swap", emoji: "👍"},

	{who: leila, ago: 4*day + 4*hour, name: "hills", post: "Walked over the three hills with my class today. Twenty-six children, one lost boot, no complaints after the second ice cream.",
		photos: []scene{
			{motif: "hills", seed: 2, alt: "Layered hills fading into blue dusk", wide: true},
			{motif: "forest", seed: 4, alt: "A path between tall trees in the fog"},
			{motif: "hills", seed: 9, alt: "The same hills in the last orange light", wide: true},
		}},
	{who: ruth, ago: 4*day + 3*hour, name: "hills", say: "Whose boot was it? I have three of Daniel's from that very hill, from 1989."},
	{who: daniel, ago: 4*day + 2*hour, name: "hills", say: "Mum."},
	{who: sam, ago: 4*day + 2*hour, name: "hills", emoji: "😂"},
	{who: leila, ago: 4*day + 2*hour, name: "hills", emoji: "😂"},

	{who: daniel, ago: 3*day + 6*hour, name: "bread", post: "New sourdough, day one. It has been named Gerald. Gerald is hungry."},
	{who: sam, ago: 3*day + 5*hour, name: "bread", say: "Gerald rises to the occasion."},
	{who: leila, ago: 3*day + 5*hour, name: "bread", say: "Please do not encourage either of them."},
	{who: ruth, ago: 3*day + 4*hour, name: "bread", emoji: "👍"},

	{who: daniel, ago: 2*day + 9*hour, name: "shears", club: true, post: "Who has the big shears? Asking for the hedge, which has begun to knock on the window."},
	{who: leila, ago: 2*day + 8*hour, name: "shears", say: "My class has them. Twenty-six children, one hedge, you will hear from us."},
	{who: ruth, ago: 2*day + 8*hour, name: "shears", emoji: "😂"},

	{who: ruth, ago: 2*day + 7*hour, name: "street", post: "Our street last night, when the power came back. Every window at once. I had forgotten how many of us there are.",
		photos: []scene{{motif: "street", seed: 7, alt: "A street of houses at night with all its windows lit", wide: true}}},
	{who: leila, ago: 2*day + 6*hour, name: "street", emoji: "❤️"},
	{who: daniel, ago: 2*day + 6*hour, name: "street", emoji: "❤️"},
	{who: sam, ago: 2*day + 6*hour, name: "street", say: "Mine is the crooked one on the left. It has character."},
	{who: leila, ago: 2*day + 5*hour, name: "street", say: "This is the best picture anyone took this year, Ruth."},

	{who: leila, ago: day + 9*hour, name: "north", post: "Could not sleep, looked out of the kitchen window, woke the whole house. Four pictures, because I could not choose.",
		photos: []scene{
			{motif: "aurora", seed: 1, alt: "Green northern lights over dark hills", wide: true},
			{motif: "aurora", seed: 6, alt: "Northern lights in violet and green", wide: true},
			{motif: "lake", seed: 12, alt: "The lake with the sky mirrored in it", wide: true},
			{motif: "tea", seed: 2, alt: "A mug of tea on the window sill"},
		}},
	{who: sam, ago: day + 8*hour, name: "north", emoji: "😮"},
	{who: ruth, ago: day + 8*hour, name: "north", emoji: "😮"},
	{who: daniel, ago: day + 8*hour, name: "north", say: "For the record: I complained for two minutes and was grateful for two hours."},
	{who: ruth, ago: day + 7*hour, name: "north", say: "The second one goes on my wall. The real wall."},

	{who: daniel, ago: 20 * hour, name: "cake", post: "Mum is seventy on Saturday and does not want a fuss. So: no fuss, at four, in the garden, all of you. Gerald is bringing the cake.",
		photos: []scene{{motif: "cake", seed: 3, alt: "A birthday cake with candles"}}},
	{who: ruth, ago: 19 * hour, name: "cake", say: "I can read this, you know."},
	{who: daniel, ago: 19*hour - 4*minute, name: "cake", say: "That is how we know you'll be there."},
	{who: sam, ago: 18 * hour, name: "cake", say: "I'll bring the folding chairs and one song."},
	{who: leila, ago: 18 * hour, name: "cake", emoji: "🎉"},
	{who: sam, ago: 18 * hour, name: "cake", emoji: "🎉"},

	{who: sam, ago: 3 * hour, name: "tea", post: "Fog on the water, so it is tea and mending sails. There are worse Sundays.",
		photos: []scene{
			{motif: "tea", seed: 5, alt: "A steaming mug of tea by the window"},
			{motif: "forest", seed: 11, alt: "Fog between the trees on the shore"},
		}},
	{who: ruth, ago: 2 * hour, name: "tea", say: "Bring the sails here, I have the better needles."},
	{who: leila, ago: 100 * minute, name: "tea", emoji: "❤️"},
	{who: daniel, ago: 40 * minute, name: "bread", say: "Update: Gerald has doubled. We may need a bigger jar."},
}

// small talk for a street that is being watched.
var (
	remarks = []string{
		"This made my morning.", "Save me a seat!", "You have to show me where that is.", "Ha!", "I can hear you saying this.",
		"Coming over. Put the kettle on.", "Lovely light.", "Tell us more on Saturday.", "I'll bring the big pan.", "Oh, I had forgotten this place.",
		"Who took this one?", "Read it twice, smiled twice.",
	}
	news = []struct {
		who    int
		text   string
		motifs []string
	}{
		{ruth, "Rain at last. The beans are dancing.", []string{"garden"}},
		{daniel, "Fixed a bell, two brakes and one sulking teenager today.", nil},
		{leila, "The lake had nineteen degrees. I had goose bumps and the best view.", []string{"lake"}},
		{sam, "If anybody misses a blue mitten: the heron has it.", nil},
		{ruth, "I am knitting again. Nobody is safe.", []string{"tea"}},
		{daniel, "Gerald, second batch. We are calling this one the good one.", nil},
		{leila, "Evening walk, no reason, no plan.", []string{"hills", "forest"}},
		{sam, "Wind from the west. See you all later.", []string{"boats"}},
	}
	emojis = []string{"❤️", "👍", "😂", "😮", "🎉", "😍"}
)
