"""What becomes of audits after they were noted: derived, sealed, looked through, told to others."""
