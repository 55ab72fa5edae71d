"""What somebody tries who means harm, by what he tries it on."""
