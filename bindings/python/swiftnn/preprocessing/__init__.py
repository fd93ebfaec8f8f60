"""Changes of data that are fitted to some of it and done to any: scikit-learn's, in the engine."""

from swiftnn.preprocessing._transforms import LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler
from swiftnn.preprocessing.transform import Transform

__all__ = ["LabelEncoder", "MinMaxScaler", "OneHotEncoder", "StandardScaler", "Transform"]
