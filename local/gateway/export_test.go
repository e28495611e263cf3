package gateway

import "time"

// SetIdle makes a gateway's HTTP integrations end streams of which nothing comes for so
// long.
func SetIdle(g *Gateway, limit time.Duration) {
	for _, leaf := range g.routes.byKey {
		if p, ok := leaf.route.to.(*restProxy); ok {
			p.idle = limit
		}
	}
}
