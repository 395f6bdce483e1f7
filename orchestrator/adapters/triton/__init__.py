"""Model packs served by Triton: sessions, pre- and post-processing."""
