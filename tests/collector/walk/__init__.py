"""The walk: every route, asked by somebody for whom most of it is none of his business."""
