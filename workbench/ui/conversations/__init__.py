"""Parts of the conversation and search pages: transcript, detail, search."""
