/** Whether a parameter belongs to the classifier, by its name in timm's state_dict. */
export const isHead = (name: string): boolean => /^(fc|head)\./.test(name);
