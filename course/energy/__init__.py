"""Energy and carbon of training and serving: by assumption and by measurement, each labelled."""
