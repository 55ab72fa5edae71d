/** Questions few forms ask, fetched with those. */
import { Slider, Rating } from "./range.js";
import { Rank } from "./rank.js";
import { Sketch } from "./sketch.js";

export default [Sketch, Rank, Slider, Rating];
