package strict
import "time"
type document struct {
	Tags map[string]string `toml:"tags"`
	Rules []rule `toml:"rule"`
	Port uint16 `toml:"port"`
	Ratio float64 `toml:"ratio"`
	On bool `toml:"on"`
	Wait time.Duration `toml:"wait"`
	Day time.Time `toml:"day"`
	Any any `toml:"any"`
	Pointer *rule `toml:"pointer"`
}
type rule struct {
	ID string `toml:"id"`
	Priority int `toml:"priority"`
	Exclude []string `toml:"exclude"`
	Tests []struct{ Log string `toml:"log"`} `toml:"test"`
}
func seeds() []string { return []string{
"[tags]\ncode = 3\n[[rule]]\nid = \"a\"\npriorty=3\npriority=\"3\"\nexclude=\"x\"\n[[rule.test]]\nlog=3\nwnt=\"\"\n[[rule]]\nw=3\n exclude=[1,\"a\"]\ntest=3\n[rul]\n",
 "a = \n", "a = 1\na = 2\n", "[a]\n[a]\n", "a.b=1\na=2", "a='''\nx\n", "x = [1,2\n", "x = 01\n", "x=\"\\q\"", "a={}\n[a.b]\nc=1", "[[rule]\n", "x = 9999999999999999999\n","x=[1]\n[[x]]\n","é=1\n\"é\" = 2", "x = 2020-13-01",
 "rule=[[{id=3}]]", "a=[{b=1},{b=2}]","x = 2020-12-01T00:00:00Z\ny=12:00:01\nz=2020-01-01\n a={b.c=1,\n d=2,}",
} }
