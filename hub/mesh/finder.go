package mesh

import "context"

func (m *Mesh) find(ctx context.Context) {}
