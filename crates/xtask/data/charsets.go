package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// What no character stands for, in tables of characters.
const none = ' '

// Sets that are more than a table of 256 characters: they have a decoder by name.
var named = []string{"US-ASCII", "UTF-8", "UTF-16", "UTF-16BE", "UTF-16LE", "Shift_JIS", "Extended_UNIX_Code_Packed_Format_for_Japanese", "ISO-2022-JP", "EUC-KR", "GBK", "GB18030", "HZ-GB-2312", "Big5"}

// writeCharsets prints the names of character sets that the reference decodes, and their tables.
func writeCharsets(out *bufio.Writer) {
	head(out, "golang.org/x/text", `"name", a name in lower case, and the set: one with a decoder, or the number of a table of single bytes.
"label", a name that an XML document may declare, and the set; likewise.
"single", a number, and what each byte stands for in four hexadecimal digits.
"ranges", and runs of four-byte sequences of GB18030: number of the first, and its character.
Otherwise the name of a table of two-byte sequences, and a row of it: a space where there is no character, else how far it
is from the one before in the row, which is small more often than not: twice the distance upwards, or twice that downwards less
one, as the character that is so far behind "!", where surrogates do not count.`,
		`Copyright 2009 The Go Authors
Licensed under the BSD 3-Clause License: https://go.dev/LICENSE`)
	var singles []string
	for _, name := range aliases() {
		set, err := ianaindex.IANA.Encoding(name)
		check(err)
		if set == nil {
			continue
		}
		canonical, err := ianaindex.IANA.Name(set)
		check(err)
		if !slices.Contains(named, canonical) {
			canonical = number(&singles, set)
		}
		fmt.Fprintf(out, "name\t%s\t%s\n", name, strings.ToLower(canonical))
	}
	for _, label := range keys("golang.org/x/text/encoding/htmlindex", "nameMap") {
		set, err := htmlindex.Get(label)
		check(err)
		if set == encoding.Replacement {
			continue
		}
		canonical, err := ianaindex.IANA.Name(set)
		if err != nil || !slices.Contains(named, canonical) {
			canonical = number(&singles, set)
		}
		fmt.Fprintf(out, "label\t%s\t%s\n", label, strings.ToLower(canonical))
	}
	for number, table := range singles {
		fmt.Fprintf(out, "single\t%d\t%s\n", number, table)
	}
	fmt.Fprint(out, "ranges\t")
	next := rune(-1)
	for i := range 39420 {
		char := one(simplifiedchinese.GB18030, byte(0x81+i/12600), byte(0x30+i/1260%10), byte(0x81+i/10%126), byte(0x30+i%10))
		if char != next {
			fmt.Fprintf(out, "%04x%04x", i, char)
		}
		next = char + 1
	}
	fmt.Fprintln(out)
	// The table of JIS X 0208 has more rows than EUC-JP reaches.
	rows(out, "jis0208", 120, 94, japanese.ShiftJIS, func(row, column int) []byte {
		lead, trail := 0x81+row/2, column+0x40
		if lead > 0x9f {
			lead += 0x40
		}
		switch {
		case row%2 == 1:
			trail = column + 0x9f
		case trail >= 0x7f:
			trail++
		}
		return []byte{byte(lead), byte(trail)}
	})
	rows(out, "jis0212", 94, 94, japanese.EUCJP, func(row, column int) []byte {
		return []byte{0x8f, byte(0xa1 + row), byte(0xa1 + column)}
	})
	rows(out, "gbk", 126, 190, simplifiedchinese.GBK, func(row, column int) []byte {
		trail := column + 0x40
		if trail >= 0x7f {
			trail++
		}
		return []byte{byte(0x81 + row), byte(trail)}
	})
	rows(out, "big5", 126, 157, traditionalchinese.Big5, func(row, column int) []byte {
		trail := column + 0x40
		if trail >= 0x7f {
			trail = column + 0x62
		}
		return []byte{byte(0x81 + row), byte(trail)}
	})
	// Its first 70 rows have 178 columns, the others 94.
	rows(out, "euckr", 70, 178, korean.EUCKR, func(row, column int) []byte {
		trail := column + 0x41
		switch {
		case column >= 52:
			trail = column - 52 + 0x81
		case column >= 26:
			trail = column - 26 + 0x61
		}
		return []byte{byte(0x81 + row), byte(trail)}
	})
	rows(out, "euckr", 56, 94, korean.EUCKR, func(row, column int) []byte {
		return []byte{byte(0xc7 + row), byte(0xa1 + column)}
	})
}

// number is that of a set's table, which is added to the others if it is new.
func number(singles *[]string, set encoding.Encoding) string {
	table := single(set)
	if !slices.Contains(*singles, table) {
		*singles = append(*singles, table)
	}
	return strconv.Itoa(slices.Index(*singles, table))
}

func rows(out *bufio.Writer, name string, rows, columns int, set encoding.Encoding, bytes func(int, int) []byte) {
	for row := range rows {
		line := make([]rune, columns)
		last := rune(0)
		for column := range columns {
			char := one(set, bytes(row, column)...)
			if char == utf8.RuneError {
				line[column] = none
				continue
			}
			line[column] = step(char - last)
			last = char
		}
		fmt.Fprintf(out, "%s\t%s\n", name, string(line))
	}
}

// step is the character that says how far it is to the next one.
func step(distance rune) rune {
	far := 2 * distance
	if distance < 0 {
		far = -2*distance - 1
	}
	char := '!' + far
	if char >= 0xd800 {
		char += 0x800
	}
	return char
}

// one is the character that the bytes stand for.
func one(set encoding.Encoding, bytes ...byte) rune {
	text, err := set.NewDecoder().Bytes(bytes)
	check(err)
	char, size := utf8.DecodeRune(text)
	if size != len(text) {
		// Two characters, which the decoder knows, or an error and what follows.
		return utf8.RuneError
	}
	return char
}

func single(set encoding.Encoding) string {
	var table strings.Builder
	for i := range 256 {
		char := one(set, byte(i))
		if char > 0xffff {
			panic("a character beyond the first plane")
		}
		fmt.Fprintf(&table, "%04x", char)
	}
	return table.String()
}

// keys are those of a map of the library, which it does not list: they are read from its source.
func keys(pkg, table string) []string {
	folder, err := exec.Command("go", "list", "-f", "{{.Dir}}", pkg).Output()
	check(err)
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(folder)), "tables.go"), nil, 0)
	check(err)
	var names []string
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && spec.Names[0].Name == table {
			for _, element := range spec.Values[0].(*ast.CompositeLit).Elts {
				name, err := strconv.Unquote(element.(*ast.KeyValueExpr).Key.(*ast.BasicLit).Value)
				check(err)
				names = append(names, name)
			}
		}
		return true
	})
	slices.Sort(names)
	return names
}

// aliases are the names of the registry that the library knows.
func aliases() []string {
	names := keys("golang.org/x/text/encoding/ianaindex", "ianaAliases")
	for _, name := range names {
		if !slices.Contains(names, strings.ToLower(name)) {
			panic("a name that is not known in lower case: " + name)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name != strings.ToLower(name) })
}
