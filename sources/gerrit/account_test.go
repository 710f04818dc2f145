package gerrit

import "testing"

func TestAccounts(t *testing.T) {
	all, err := newAccounts([]string{"zuul", "* CI", "CI/*", "*@ci.Example.org", "jenkins-?", "[bot]"})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []account{
		{Username: "zuul"}, {Name: "Intel NFV CI", Username: "intel"}, {Username: "CI/a/b"},
		{Email: "Bot@CI.example.org"}, {Username: "jenkins-7"}, {Username: "[bot]"},
	} {
		if !all.has(a) {
			t.Errorf("%+v is not taken for a CI", a)
		}
	}
	for _, a := range []account{
		{}, {Username: "zuul2"}, {Name: "CI"}, {Email: "bot@ci.example.org.evil.com"}, {Username: "jenkins-77"}, {Username: "b"}, {Username: "jenkins-"},
		{Username: "Zuul"}, {Username: "ci/a"}, {Username: "[Bot]"}, {Name: "Intel NFV ci"}, {Username: "JENKINS-7"}, // users apart, on most servers
	} {
		if all.has(a) {
			t.Errorf("%+v is taken for a CI", a)
		}
	}
}
