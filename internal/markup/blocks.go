package markup

import (
	"strconv"
	"strings"
)

// maxNumber is the largest number that a list begins with; what is larger is no list.
const maxNumber = 9999

// Parse reads a text. names are those of the people who are mentioned in it, without "@".
func Parse(text string, names []string) []Block {
	var blocks []Block
	lines := strings.Split(text, "\n")
	add := func(kind BlockKind, line string, start int) {
		spans := parseLine(line, names)
		if n := len(blocks); n > 0 && blocks[n-1].Kind == kind {
			blocks[n-1].Lines = append(blocks[n-1].Lines, spans)
			return
		}
		blocks = append(blocks, Block{Kind: kind, Lines: [][]Span{spans}, Start: start})
	}
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(line, "```") {
			end := i + 1
			for end < len(lines) && strings.TrimRight(lines[end], " \t") != "```" {
				end++
			}
			blocks = append(blocks, Block{Kind: Code, Text: strings.Join(lines[i+1:min(end, len(lines))], "\n")})
			i = end
			continue
		}
		if item, ok := bullet(line); ok {
			add(List, item, 0)
		} else if item, start, ok := numbered(line); ok {
			add(Numbers, item, start)
		} else if rest, ok := strings.CutPrefix(line, ">"); ok {
			add(Quotation, strings.TrimPrefix(rest, " "), 0)
		} else {
			add(Paragraph, line, 0)
		}
	}
	return blocks
}

func bullet(line string) (string, bool) {
	for _, mark := range []string{"- ", "* ", "• "} {
		if rest, ok := strings.CutPrefix(line, mark); ok && strings.TrimSpace(rest) != "" {
			return rest, true
		}
	}
	return "", false
}

func numbered(line string) (rest string, start int, ok bool) {
	digits := 0
	for digits < len(line) && line[digits] >= '0' && line[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits+1 >= len(line) || line[digits] != '.' && line[digits] != ')' || line[digits+1] != ' ' {
		return "", 0, false
	}
	start, err := strconv.Atoi(line[:digits])
	rest = line[digits+2:]
	return rest, start, err == nil && start <= maxNumber && strings.TrimSpace(rest) != ""
}
