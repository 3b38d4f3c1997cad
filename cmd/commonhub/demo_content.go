package main

import (
	"image"
	"image/color"
)

// demoHousehold is a household with one member.
type demoHousehold struct {
	name   string // of the household
	person string // displayed name
	signIn string
}

// demoNotice is one notice and what became of it. by, claimedBy and the authors of comments are positions in the block's households.
type demoNotice struct {
	daysAgo   int
	by        int
	kind      string
	lang      string
	title     string
	text      string
	startsIn  int                // days from now, for events
	picture   func() image.Image // nil is none
	comments  []demoComment
	claimedBy int // 0 is nobody
	thanks    string
}

type demoComment struct {
	by   int
	text string
}

// A palette of pictures, by the colours of sky, ground and what is shown.
var (
	blue   = color.RGBA{150, 190, 225, 255}
	dusk   = color.RGBA{235, 190, 160, 255}
	grass  = color.RGBA{120, 150, 90, 255}
	stone  = color.RGBA{170, 160, 150, 255}
	tomato = color.RGBA{200, 70, 50, 255}
	wood   = color.RGBA{150, 105, 60, 255}
	lemon  = color.RGBA{235, 205, 80, 255}
)

// demoBlocks is the month of three blocks that meet at one courtyard wall.
func demoBlocks() []*demoBlock {
	return []*demoBlock{oliveStreet(), oliveAlley(), canalYard()}
}

func oliveStreet() *demoBlock {
	return &demoBlock{
		name: "Olive Street", language: "en", drill: "Imagine smoke in the stairwell of number four: who would come, and who knows where the water is?",
		households: []demoHousehold{
			{"Blue door", "The gardener", "gardener"}, {"Above the bakery", "The baker", "baker"},
			{"Third floor", "Third floor left", "third"}, {"Corner shop", "The corner shop", "shop"},
		},
		notices: []demoNotice{
			{daysAgo: 30, by: 0, kind: "news", lang: "en", title: "The hub is running", text: "It sits on the roof beside the water tank. The board works without the internet; pass the invitation on to your household."},
			{daysAgo: 27, by: 1, kind: "offer", lang: "en", title: "Bread from yesterday", text: "Every evening after seven, at the back door. Free for whoever can use it.",
				comments: []demoComment{{2, "The seeded one is still the best."}}},
			{daysAgo: 24, by: 2, kind: "need", lang: "en", title: "Ladder for an afternoon", text: "Three metres would do. We want to clean the gutter before the rain.", claimedBy: 3, thanks: "Thank you! The gutter is clean, and yours too."},
			{daysAgo: 19, by: 3, kind: "lostfound", lang: "en", title: "A bunch of keys", text: "Found in front of the shop, with a small wooden fish on the ring. They hang behind the till."},
			{daysAgo: 15, by: 0, kind: "offer", lang: "en", title: "Tomato seedlings", text: "Forty of them, three kinds. Bring a pot, or a yoghurt cup.", picture: landscape(blue, grass, tomato),
				comments: []demoComment{{1, "I take six, thank you."}, {3, "Two for the shop window, please."}}},
			{daysAgo: 9, by: 2, kind: "event", lang: "en", title: "Assembly in the courtyard", text: "The water meter, the bicycle shed, and who holds the keys next. Bring a chair.", startsIn: 5},
			{daysAgo: 6, by: 3, kind: "news", lang: "en", title: "The shop closes early on Thursday", text: "At two in the afternoon, for stocktaking."},
			{daysAgo: 3, by: 1, kind: "need", lang: "en", title: "Help with flour sacks", text: "Saturday at six in the morning, twenty minutes, breakfast included.", comments: []demoComment{{0, "I am awake anyway."}}},
			{daysAgo: 1, by: 0, kind: "offer", lang: "en", title: "Cargo bike over the weekend", text: "The brakes are new. The lock's key is with me.", picture: landscape(dusk, stone, wood)},
		},
	}
}

func oliveAlley() *demoBlock {
	return &demoBlock{
		name: "زقاق الزيتون", language: "ar",
		households: []demoHousehold{
			{"بيت الدرج", "بيت الدرج", "daraj"}, {"الطابق الثاني", "جارة الطابق الثاني", "thani"}, {"بيت الليمونة", "بيت الليمونة", "laymun"},
		},
		notices: []demoNotice{
			{daysAgo: 28, by: 0, kind: "news", lang: "ar", title: "اللوحة تعمل الآن", text: "لوحة الحيّ تعمل من دون إنترنت. من لم تصله دعوة فليطرق بابنا."},
			{daysAgo: 22, by: 2, kind: "offer", lang: "ar", title: "ليمون من الحديقة", text: "الشجرة محمّلة هذا العام. خذوا ما تحتاجون من السلّة عند الباب.", picture: landscape(blue, grass, lemon),
				comments: []demoComment{{1, "أخذنا كيلوغراماً، دامت أيديكم."}}},
			{daysAgo: 16, by: 1, kind: "need", lang: "ar", title: "كراسيّ لمناسبة صغيرة", text: "نحتاج إلى عشرة كراسيّ مساء الجمعة ونعيدها صباح السبت.", claimedBy: 2, thanks: "شكراً جزيلاً، عادت الكراسيّ كلّها."},
			{daysAgo: 11, by: 0, kind: "lostfound", lang: "ar", title: "قطّة رماديّة ضائعة", text: "على رقبتها شريط أحمر، وتأتي إذا سمعت صوت العلبة."},
			{daysAgo: 7, by: 2, kind: "event", lang: "ar", title: "تنظيف الساحة معاً", text: "نبدأ بعد العصر، والشاي علينا.", startsIn: 3},
			{daysAgo: 2, by: 1, kind: "offer", lang: "ar", title: "دروس حساب للصغار", text: "كلّ ثلاثاء ساعة واحدة في بيتنا."},
		},
	}
}

func canalYard() *demoBlock {
	return &demoBlock{
		name: "Canal Yard", language: "en",
		households: []demoHousehold{
			{"Boat shed", "The boat shed", "boats"}, {"House by the bridge", "By the bridge", "bridge"}, {"Workshop", "The workshop", "workshop"},
		},
		notices: []demoNotice{
			{daysAgo: 26, by: 2, kind: "offer", lang: "en", title: "Repairs on Wednesday", text: "Lamps, toasters, bicycles. We try together; parts at cost."},
			{daysAgo: 18, by: 0, kind: "need", lang: "en", title: "Old sails or tarpaulin", text: "For a roof over the bicycle stand. Any colour."},
			{daysAgo: 12, by: 1, kind: "news", lang: "ar", title: "الجسر مغلق يومين", text: "يُطلى الجسر يومي الأحد والاثنين، والممرّ من جهة الورشة مفتوح."},
			{daysAgo: 5, by: 0, kind: "event", lang: "en", title: "Boats into the water", text: "Six strong people and one who makes soup.", startsIn: 8, picture: landscape(dusk, blue, wood)},
			{daysAgo: 1, by: 2, kind: "lostfound", lang: "en", title: "A left glove", text: "Leather, size nine, lying on the workbench since the last repair day."},
		},
	}
}
