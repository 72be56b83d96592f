package fetch

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/osv-scalibr/clients/datasource"
)

// npm resolves package URLs through the registries that npm is configured to
// use in the workspace.
type npm struct {
	client    *client
	workspace string
}

func (r *npm) locate(ctx context.Context, p purl, _ string) ([]location, error) {
	config, err := r.config()
	if err != nil {
		return nil, err
	}
	registry, ok := config.ScopeURLs[p.scope]
	if !ok {
		registry = config.ScopeURLs[""]
	}
	if err := checkURL(registry); err != nil {
		return nil, fmt.Errorf("npm's registry: %w", err)
	}
	name := url.PathEscape(p.name)
	if p.scope != "" {
		name = p.scope + "%2f" + name
	}
	about := npmLocation(config, strings.TrimSuffix(registry, "/")+"/"+name+"/"+url.PathEscape(p.version))
	page, err := r.client.page(ctx, about, "application/json")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", about, err)
	}
	var body struct {
		Dist struct {
			Tarball string `json:"tarball"`
		} `json:"dist"`
	}
	if err := json.Unmarshal(page.body, &body); err != nil {
		return nil, fmt.Errorf("%s: the registry answers with bad JSON: %w", about, err)
	}
	tarball, err := page.url.Parse(body.Dist.Tarball)
	if err != nil || body.Dist.Tarball == "" {
		return nil, fmt.Errorf("%s: the registry does not tell where the tarball is", about)
	}
	return []location{npmLocation(config, tarball.String())}, nil
}

func (r *npm) config() (datasource.NPMRegistryConfig, error) {
	config, err := datasource.LoadNPMRegistryConfig(r.workspace)
	if err != nil {
		return config, fmt.Errorf("npm's configuration: %w", err)
	}
	return config, nil
}

// npmLocation adds to a URL what npm's configuration has to be let in there.
func npmLocation(config datasource.NPMRegistryConfig, u string) location {
	loc := location{url: u}
	auth := config.Auths.GetAuth(u)
	switch {
	case auth == nil:
	case auth.BasicAuth != "":
		loc.header = http.Header{"Authorization": {"Basic " + auth.BasicAuth}}
	case auth.Username != "" && auth.Password != "":
		both := base64.StdEncoding.EncodeToString([]byte(auth.Username + ":" + auth.Password))
		loc.header = http.Header{"Authorization": {"Basic " + both}}
	case auth.BearerToken != "":
		loc.header = http.Header{"Authorization": {"Bearer " + auth.BearerToken}}
	}
	return loc
}
