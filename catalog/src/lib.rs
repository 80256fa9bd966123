//! The goods of a shop: feeds, the search index, live price and stock, and the systems behind them.
