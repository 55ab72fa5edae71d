"""⑩ OData version 4, without a database: names, schema document, `$filter`."""
