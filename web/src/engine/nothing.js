/** Stands for a module of the engine that is not wanted. */
export default undefined;
