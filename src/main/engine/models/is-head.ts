/**
 * Says whether a parameter belongs to the classifier, by its name in timm's state_dict. `head.norm`, which timm keeps
 * without classes, is the norm of the features.
 */
export const isHead = (name: string): boolean => /^(fc|head)\.(?!norm\.)/.test(name);
