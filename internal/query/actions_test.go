package query

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRunActions(t *testing.T) {
	for _, test := range []struct {
		query    string
		targets  []string
		mnemonic string
		inputs   []string
		outputs  []string
		matches  bool
	}{
		{"//lib:a", []string{"//lib:a"}, "Tar", nil, nil, true},
		{"mnemonic('^Ta', //lib:a)", []string{"//lib:a"}, "Tar", nil, nil, true},
		{"mnemonic('^Ta', //lib:a)", []string{"//lib:a"}, "StarTar", nil, nil, false},
		{"((inputs('c$', (outputs('o$', //lib:a)))))", []string{"//lib:a"}, "Cc", []string{"a.h", "a.c"}, []string{"a.o"}, true},
		{"inputs('c$', outputs('o$', //lib:a))", []string{"//lib:a"}, "Cc", []string{"a.h"}, []string{"a.o"}, false},
	} {
		targets, filter, err := RunActions(context.Background(), newGraph(t), test.query, "")
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		var labels []string
		for _, target := range targets {
			labels = append(labels, target.Label.String())
		}
		if diff := cmp.Diff(test.targets, labels); diff != "" {
			t.Errorf("%s: %s", test.query, diff)
		}
		if got := filter.Matches(test.mnemonic, test.inputs, test.outputs); got != test.matches {
			t.Errorf("%s: matches %v, want %v", test.query, got, test.matches)
		}
	}
}
