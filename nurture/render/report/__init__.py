"""A report as a booklet to print: what it says, and the PDF that Typst makes of it. Knows no lead and no mail."""
