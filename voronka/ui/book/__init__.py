"""The sales book: funnels, products, reasons."""
