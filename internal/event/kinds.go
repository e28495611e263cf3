package event

type (
	rest        struct{}
	httpV1      struct{}
	httpV2      struct{}
	functionURL struct{}
	alb         struct{}
	albMulti    struct{}
	latticeV1   struct{}
	latticeV2   struct{}
)

var kinds = []interface{ source() Source }{
	rest{}, httpV1{}, httpV2{}, functionURL{}, alb{}, albMulti{}, latticeV1{}, latticeV2{},
}

func (rest) source() Source        { return REST }
func (httpV1) source() Source      { return HTTPv1 }
func (httpV2) source() Source      { return HTTPv2 }
func (functionURL) source() Source { return FunctionURL }
func (alb) source() Source         { return ALB }
func (albMulti) source() Source    { return ALBMulti }
func (latticeV1) source() Source   { return LatticeV1 }
func (latticeV2) source() Source   { return LatticeV2 }
