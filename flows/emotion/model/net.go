package model

// maxNet bounds the outputs of the network.
const maxNet = 128

// Net is the second reader.
type Net struct{ Outputs int }

type net struct{}

type netScratch struct{}

func (n *Net) encode() []byte { return nil }

func (n *Net) outputs() int {
	if n == nil {
		return 0
	}
	return n.Outputs
}

func decodeNet(b []byte) (*Net, error) { return nil, nil }

func newNet(n *Net) *net { return nil }

func (n *net) score(p *plain, s *netScratch, out []float32) {}
