"""③④ The phones' door: form lists, manifests, forms and files out; submissions in."""
