"""The checklist that people wrote, what they waived and what they signed for."""
