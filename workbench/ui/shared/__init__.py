"""What pages of every kind draw with: session, navigation, text, tables, charts."""
