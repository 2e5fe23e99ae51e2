"""A small web shop: a catalogue, orders, and a worker that fulfils them."""
