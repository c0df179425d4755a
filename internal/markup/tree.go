package markup

// BlockKind tells blocks apart.
type BlockKind int

// The kinds of blocks.
const (
	Paragraph BlockKind = iota
	List
	Numbers
	Quotation
	Code
)

// Block is one of the parts that stand below one another.
type Block struct {
	Kind  BlockKind
	Lines [][]Span // lines of a paragraph or quotation, items of a list; none for code
	Start int      // of Numbers: the first number
	Text  string   // of Code
}

// SpanKind tells spans apart.
type SpanKind int

// The kinds of spans.
const (
	Text SpanKind = iota
	Bold
	Italic
	Mono
	Link
	Tag
	Mention
)

// Span is a piece of a line.
type Span struct {
	Kind SpanKind
	// Text is what is to be shown; of Link its words, or the address where it has none; of Tag the tag with its "#" as it was
	// typed; of Mention the name without its "@".
	Text   string
	Target string // of Link its address, of Tag the folded tag
	Inside []Span // of Bold and Italic, instead of Text
}

// Each calls do for every span of a tree, outer ones first.
func Each(blocks []Block, do func(Span)) {
	for _, block := range blocks {
		for _, line := range block.Lines {
			each(line, do)
		}
	}
}

func each(spans []Span, do func(Span)) {
	for _, span := range spans {
		do(span)
		each(span.Inside, do)
	}
}
