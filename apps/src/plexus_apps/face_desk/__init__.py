"""Face verification, enrolment and identification."""
