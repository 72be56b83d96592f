package cli

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRuleReferenceIsCurrent fails when a docstring in rules/ was changed and
// docs/rules.md was not.
func TestRuleReferenceIsCurrent(t *testing.T) {
	want, err := ruleReference(os.DirFS("../.."), "rules")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/rules.md is stale; run go run ./cmd/cowasm docs > docs/rules.md\n%s", diff)
	}
}
