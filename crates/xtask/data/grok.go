package main

import (
	"bufio"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/elastic/go-grok/patterns"
)

// writeGrok prints the patterns that the library knows with all its bundles: of a name in several of them the last counts,
// and the default ones stand behind all.
func writeGrok(out *bufio.Writer) {
	head(out, "github.com/elastic/go-grok", `A line is a name, a tab, and the pattern that it stands for.`,
		`Copyright 2022-2024 Elasticsearch BV
Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0
The patterns go back to those of Logstash, under the same licence.`)
	all := maps.Clone(patterns.Default)
	for _, bundle := range []map[string]string{
		patterns.AWS, patterns.Bind9, patterns.Bro, patterns.Exim, patterns.HAProxy, patterns.Httpd, patterns.Firewalls,
		patterns.Java, patterns.Junos, patterns.Maven, patterns.MCollective, patterns.MongoDB, patterns.PostgreSQL,
		patterns.Rails, patterns.Redis, patterns.Ruby, patterns.Squid, patterns.Syslog,
	} {
		maps.Copy(all, bundle)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.ContainsAny(name+all[name], "\t\n\r") {
			panic("a pattern of more than one line: " + name)
		}
		fmt.Fprintf(out, "%s\t%s\n", name, all[name])
	}
}
