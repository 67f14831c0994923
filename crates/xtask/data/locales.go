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

	"github.com/elastic/lunes"
)

// writeLocales prints the names that the library has for each locale; locales with the same names share a line.
func writeLocales(out *bufio.Writer) {
	head(out, "github.com/elastic/lunes", fmt.Sprintf(`A line is the tags of locales, separated by blanks, and five lists of names, separated by tabs: short and long names of
days from Sunday on, short and long names of months, and of the half days. Names are separated by bars; a locale
without names of a kind has an empty list. The names are those of CLDR %d.`, lunes.CLDRVersion),
		`Copyright 2022-2026 Elasticsearch BV
Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0
The names are data of the Unicode Common Locale Data Repository.
Copyright 1991-2025 Unicode, Inc.
Licensed under the Unicode License V3: https://www.unicode.org/license.txt`)
	var lines []string
	tags := map[string][]string{}
	for _, tag := range localeTags() {
		locale, err := lunes.NewDefaultLocale(tag)
		check(err)
		var lists []string
		for _, list := range [][]string{
			locale.ShortDayNames(), locale.LongDayNames(), locale.ShortMonthNames(), locale.LongMonthNames(), locale.DayPeriods(),
		} {
			for _, name := range list {
				if name == "" || strings.ContainsAny(name, "|\t\n\r") {
					panic("a name that does not fit the file: " + tag + " " + name)
				}
			}
			lists = append(lists, strings.Join(list, "|"))
		}
		line := strings.Join(lists, "\t")
		if tags[line] == nil {
			lines = append(lines, line)
		}
		tags[line] = append(tags[line], tag)
	}
	for _, line := range lines {
		fmt.Fprintf(out, "%s\t%s\n", strings.Join(tags[line], " "), line)
	}
}

// localeTags are the tags that the library declares; it has no list of them to ask for.
func localeTags() []string {
	folder, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/elastic/lunes").Output()
	check(err)
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(folder)), "tables.go"), nil, 0)
	check(err)
	var tags []string
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if ok && len(spec.Names) == 1 && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "Locale") {
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				tag, err := strconv.Unquote(literal.Value)
				check(err)
				tags = append(tags, tag)
			}
		}
		return true
	})
	slices.Sort(tags)
	return tags
}
