/** Everything said in Vietnamese, put together. */

import app from "./vi/app.js";
import engine from "./vi/engine.js";
import queue from "./vi/queue.js";
import widgets from "./vi/widgets.js";

export default Object.freeze({ ...app, ...engine, ...queue, ...widgets });
