"""What both doors for programs say of themselves: two OpenAPI documents and a page people can read."""
