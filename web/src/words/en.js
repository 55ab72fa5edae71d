/** Everything said in English, put together. */

import app from "./en/app.js";
import engine from "./en/engine.js";
import queue from "./en/queue.js";
import widgets from "./en/widgets.js";

export default Object.freeze({ ...app, ...engine, ...queue, ...widgets });
