"""NextStep: sourced answers for communities that live with treatment-resistant depression."""
