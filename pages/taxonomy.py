"""The root causes that the pod works with: what each means, how often it is said, and how they change."""

import streamlit as st

from workbench import ui

bench = ui.bench()
st.title("Taxonomy", anchor=False)
